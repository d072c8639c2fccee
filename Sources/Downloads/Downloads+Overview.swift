//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

// Rows from elsewhere: over HTTPS, from a store that speaks S3, from the Hugging Face hub; downloaded once, and kept by
// the digest of their bytes.
//
// `SourceFetcher` is the way in. What a manifest names is bounded by `TransferLimits` and comes from public addresses;
// only the environment of the machine can name others: `FTOPS_PRIVATE_HOSTS`, and the endpoints of S3 and the hub.
