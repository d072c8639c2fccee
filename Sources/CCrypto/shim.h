//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//
#pragma once
// A digest's state can be kept by the older interface alone.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
