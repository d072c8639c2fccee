//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

// Rows to train on: reading sources, rendering rows through templates, choosing validation rows, digests and row
// differences.
//
// `DatasetRenderer` is the way in: a `Dataset`, a `Template` and a `RowSource` become a `RenderedDataset`.
