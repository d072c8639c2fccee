//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

// Files over HTTP and HTTPS, by libcurl: blocking, bounded in time and size, and only from where it is allowed.
//
// `TransferClient` is the way in. It follows redirects one by one, and looks at each address before it connects to it.
// The folder `S3` makes a request of a bucket and a key, from the settings that S3's other tools read too.
