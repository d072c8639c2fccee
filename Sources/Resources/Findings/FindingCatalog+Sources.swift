//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension FindingCatalog {
    /// What there is to say of files of rows and of those who hand them out.
    static let sources: [Entry] = [
        Entry(
            code: "bad-settings",
            meaning: "a setting of this machine cannot be used",
            cause: "a variable of the environment has a value that it does not take, or lacks one",
            remedy: "set the variable that the error names; .docs/environment.md has them all"
        ),
        Entry(
            code: "digest-mismatch",
            meaning: "a source's bytes are not those that its sha256 pins",
            cause: "the file was changed after it was pinned, or git changed its line ends",
            remedy: "restore the file; ftops data update writes the new digest where the change is meant"
        ),
        Entry(
            code: "html-page",
            meaning: "a source is a page for people and not the file itself",
            cause: "the address is that of a site's view of the file, or of a sign-in",
            remedy: "name the address of the file itself, which pages call raw or download"
        ),
        Entry(
            code: "missing-source",
            meaning: "there is nothing where a source is said to lie",
            cause: "a spelling in the address, or a file that was moved or removed",
            remedy: "open the address in a browser, and write the one that has the file"
        ),
        Entry(
            code: "no-rows",
            meaning: "a dataset has no rows to train on",
            cause: "an empty file, a filter that lets none pass, or all rows validating",
            remedy: "look at the source, the filter and `validation`; ftops data preview shows rows"
        ),
        Entry(
            code: "source-changed",
            meaning: "a source is not what it was",
            cause: "its owner changed it after it was pinned, or a program wrote it while it was read",
            remedy: "ftops data update writes the new digest where the change is meant; else try again"
        ),
        Entry(
            code: "source-refused",
            meaning: "a server does not hand out a source",
            cause: "it needs a sign-in, or terms that were not accepted",
            remedy: "accept its terms, or set the token or the credentials that the error names"
        ),
        Entry(
            code: "source-unreachable",
            meaning: "a source elsewhere could not be downloaded",
            cause: "the network, a proxy, or a server that is down or busy",
            remedy: "look whether the address opens from this machine, and try again later"
        ),
        Entry(
            code: "unreadable-source",
            meaning: "a dataset's file cannot be read",
            cause: "its permissions, a folder in its place, or a compressed file that is cut off",
            remedy: "mend what the error names"
        ),
    ]
}
