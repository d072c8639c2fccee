//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

// Decompression of gzip by zlib and of zstd by libzstd: the one place that speaks to them.
//
// `Decompressor` is the way in. It takes bytes as they come and holds no more than a piece of the result, so that a
// bomb costs time and no memory; who calls it counts.
