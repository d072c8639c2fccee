//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

extension FindingCatalog {
    static let first: [Entry] = [
        Entry(
            code: "bad-evaluation-prompt",
            meaning: "an evaluation prompt cannot be rendered",
            cause: "it lacks a field of the template's prompt",
            remedy: "give the field in spec.evaluation.prompts, or take it out of the template"
        ),
        Entry(
            code: "bad-filter",
            meaning: "a dataset's filter cannot be compiled",
            cause: "the expression breaks the filter's grammar, or compares what cannot be compared",
            remedy: "mend it at the place that the caret shows; .docs/data.md has the grammar"
        ),
        Entry(
            code: "bad-name",
            meaning: "a name cannot be used",
            cause: "names have letters, digits, dots, dashes and underscores only",
            remedy: "choose another name"
        ),
        Entry(
            code: "bad-row",
            meaning: "a row of a dataset cannot be used",
            cause: "its line is no JSON, lacks a field of the template, or has one that no text can take",
            remedy: "mend the row at the file and line that the error names, or filter such rows out"
        ),
        Entry(
            code: "bad-template",
            meaning: "rows cannot be rendered by a template",
            cause: "a brace without its partner, something else than a field in braces, or a field that no row has",
            remedy: "write fields as {name}, by the names that rows have, and a brace of the text twice: {{"
        ),
        Entry(
            code: "bad-value",
            meaning: "a value is none that its field takes",
            cause: "another type, unit or word than the field has",
            remedy: "write what the error says is expected"
        ),
        Entry(
            code: "base-moved",
            meaning: "the commit that this is to be merged into has changed what this changes too",
            cause: "somebody changed the same fine-tune, or what it refers to, since this branch began",
            remedy: "merge that commit into this branch; the plan is then what merging back trains"
        ),
        Entry(
            code: "base-unrelated",
            meaning: "what is planned and the commit that it is to be merged into have no commit in common",
            cause: "another repository, an orphan branch or a shallow clone",
            remedy: "name another commit, or fetch the history"
        ),
        Entry(
            code: "base-without-identity",
            meaning: "nobody can say which weights a base model is",
            cause: "it has no source, or one that is not there",
            remedy: "give it a pinned source, or an identity"
        ),
        Entry(
            code: "blocked-backend",
            meaning: "the backend cannot train this",
            cause: "the plan says what it lacks",
            remedy: "change what the plan names"
        ),
        Entry(
            code: "blocked-budget",
            meaning: "a training would cost more than a budget allows",
            cause: "the plan names the line of the budget",
            remedy: "make it smaller, or raise the budget"
        ),
        Entry(
            code: "blocked-dependency",
            meaning: "a fine-tune goes on from one that has no version yet",
            cause: "that one is trained first, or blocked itself",
            remedy: "apply again when it has a version"
        ),
        Entry(
            code: "blocked-policy",
            meaning: "a policy of Project forbids a training",
            cause: "the plan names the line of Project",
            remedy: "change the fine-tune, or the policy"
        ),
        Entry(
            code: "blocked-suspended",
            meaning: "a fine-tune or the Project is suspended",
            cause: "its manifest says why and until when",
            remedy: "take `suspend` out"
        ),
        Entry(
            code: "blocked-window",
            meaning: "a training is outside of the hours that Project allows",
            cause: "the plan names the line of Project",
            remedy: "it is applied by the first apply within them"
        ),
        Entry(
            code: "conflicting-fields",
            meaning: "two fields say the same or contradict each other",
            cause: "one of them was to replace the other",
            remedy: "keep one of them"
        ),
        Entry(
            code: "dangling-reference",
            meaning: "a resource names one that is not there",
            cause: "a spelling, or a file that is not in the repository",
            remedy: "write the name as it is declared, or declare it"
        ),
        Entry(
            code: "drifted",
            meaning: "a published version has lost something",
            cause: "a file of the store was deleted or damaged",
            remedy: "ftops apply --refresh puts back what this machine still has; --replace trains it again"
        ),
        Entry(
            code: "duplicate-key",
            meaning: "a mapping has a key twice",
            cause: "two spellings of one key, or an edit left over",
            remedy: "keep one of them"
        ),
        Entry(
            code: "duplicate-name",
            meaning: "two resources of a kind have one name",
            cause: "a file copied and not renamed",
            remedy: "rename one of them"
        ),
        Entry(
            code: "duplicate-project",
            meaning: "there are two Projects",
            cause: "a repository has one at most",
            remedy: "join them"
        ),
        Entry(
            code: "duplicate-rows",
            meaning: "rows that train are the same as others",
            cause: "a source that was joined from several, or copied twice",
            remedy: "`dedupe: exact` in the Dataset leaves them out; where they are meant, silence it",
            isWarning: true
        ),
        Entry(
            code: "empty-render",
            meaning: "rows have nothing in what is shown to the model, or in what it learns to say",
            cause: "fields that are empty there",
            remedy: "mend the rows, or filter them out: `filter: 'length(answer) > 0'`",
            isWarning: true
        ),
        Entry(
            code: "evaluation-trains",
            meaning: "a prompt of the evaluation is also trained on",
            cause: "it was taken from the dataset",
            remedy: "write another one: what was learned by heart says nothing of what was understood",
            isWarning: true
        ),
        Entry(
            code: "failed",
            meaning: "a training has failed",
            cause: "ftops logs NAME shows its last lines",
            remedy: "mend the cause; ftops apply --retry-failed tries it again"
        ),
        Entry(
            code: "large-first-training",
            meaning: "a fine-tune that was never trained takes very many rows at once",
            cause: "nothing: but a mistake in template or rows costs the whole training",
            remedy: "train some first: `dataset: {use: …, limit: 1000}`; what comes of it shows whether the "
                + "rest is worth it",
            isWarning: true
        ),
        Entry(
            code: "layout",
            meaning: "ftops fmt cannot lay a manifest out",
            cause: "something in it that could not be written anew without changing what it says",
            remedy: "write the place that the error names more simply; until then the file stays as it is"
        ),
        Entry(
            code: "linked-manifest",
            meaning: "a manifest is a symbolic link",
            cause: "git keeps where a link leads and not what is there",
            remedy: "put the file itself in its place"
        ),
    ]

    static let second: [Entry] = [
        Entry(
            code: "long-rows",
            meaning: "rows are longer than what a training takes of them",
            cause: "the base's context, or `chunk_size`, is shorter",
            remedy: "raise `chunk_size` up to the base's context, shorten the rows, or filter them out",
            isWarning: true
        ),
        Entry(
            code: "misplaced-manifest",
            meaning: "a manifest stands where ftops does not read it",
            cause: "only .yaml and .yml files below manifests/ at the top of the repository are read",
            remedy: "move it there, or rename it"
        ),
        Entry(
            code: "missing-field",
            meaning: "a field that is needed is missing",
            cause: "it has no default",
            remedy: "write it"
        ),
        Entry(
            code: "missing-file",
            meaning: "a dataset's file is not there",
            cause: "a spelling, or a file that git does not have",
            remedy: "add the file, or write its path as it is from the top of the repository"
        ),
        Entry(
            code: "needs-validation",
            meaning: "a hyperparameter goes by validation losses, and none are measured",
            cause: "`keep: best` or `early_stopping_patience` beside a Dataset without `validation`, or beside "
                + "`run_validation: false`",
            remedy: "give the Dataset `validation`, such as `{fraction: 0.05}`; or take the hyperparameter out"
        ),
        Entry(
            code: "not-planned",
            meaning: "a plan of a stranger's change leaves a fine-tune out",
            cause: "it needs what is not read for strangers: a source that the cache does not have, a folder of this "
                + "machine, a file in Git LFS",
            remedy: "look at the change, and plan it without --untrusted; or plan what it is to be merged into first, "
                + "which fetches the sources that are named there"
        ),
        Entry(
            code: "not-supported-yet",
            meaning: "ftops does not do this yet",
            cause: "the design has it, this release has not",
            remedy: "take the field out; README says what works"
        ),
        Entry(
            code: "orphaned",
            meaning: "there is a version that no fine-tune asks for",
            cause: "a fine-tune was removed or renamed, or now goes to another destination",
            remedy: "nothing: the version stays; ask for it again, and it is reused at no cost"
        ),
        Entry(
            code: "out-of-range",
            meaning: "a number is too small or too large",
            cause: "a unit was taken for another, or a limit of the base",
            remedy: "write one within the range that the error names"
        ),
        Entry(
            code: "personal-data",
            meaning: "rows have e-mail addresses or phone numbers",
            cause: "they come from people",
            remedy: "replace them, as the model may say them to anybody; or filter the rows out",
            isWarning: true
        ),
        Entry(
            code: "project-of-stranger",
            meaning: "a stranger's change brings a Project of its own",
            cause: "it is one to be merged with the others, or one that makes more of itself than it may",
            remedy: "look at it; ftops plan --untrusted --base REF goes by the Project of REF"
        ),
        Entry(
            code: "reference-cycle",
            meaning: "fine-tunes go on from each other in a circle",
            cause: "a base that leads back to itself",
            remedy: "let one of them go on from a BaseModel"
        ),
        Entry(
            code: "same-training",
            meaning: "several fine-tunes ask for the same training and destination",
            cause: "one was copied and not changed yet",
            remedy: "one version will name them all; drop one where that is not meant",
            isWarning: true
        ),
        Entry(
            code: "secret-in-data",
            meaning: "rows have what looks like a key, a token or a password",
            cause: "logs, code or mails that nobody has looked through",
            remedy: "revoke the secret and take it out: the model may say it to anybody, and git keeps it",
            isWarning: true
        ),
        Entry(
            code: "secret-in-the-clear",
            meaning: "a manifest has a secret",
            cause: "git keeps it for ever",
            remedy: "name a variable instead: {env: NAME}; and revoke the secret"
        ),
        Entry(
            code: "syntax",
            meaning: "a manifest is no YAML",
            cause: "an indentation, a quote or a bracket",
            remedy: "mend it at the place that the caret shows"
        ),
        Entry(
            code: "tokens-estimated",
            meaning: "the tokens of a training are estimated, though its base is on this machine",
            cause: "counting them would take long, or failed, or the trainer's environment is not made yet",
            remedy: "nothing: the plan stands by its estimate; ftops plan --count counts them however long it takes",
            isWarning: true
        ),
        Entry(
            code: "too-many-findings",
            meaning: "a file has more mistakes than are shown",
            cause: "the first ones may cause the others",
            remedy: "mend those that are shown, and look again"
        ),
        Entry(
            code: "unknown",
            meaning: "nobody can say whether a backend took a run",
            cause: "it was asked, and no answer came",
            remedy: "ftops resolve says which of both it is"
        ),
        Entry(
            code: "unknown-api-version",
            meaning: "a manifest is of another version of the format",
            cause: "it is meant for another release",
            remedy: "write `apiVersion: ftops/v1`"
        ),
        Entry(
            code: "unknown-key",
            meaning: "a manifest has a key that its kind does not have",
            cause: "a spelling, or a key of another kind",
            remedy: "write the key that the error suggests"
        ),
        Entry(
            code: "unknown-kind",
            meaning: "a manifest has a kind that ftops does not have",
            cause: "a spelling, or a document of another tool",
            remedy: "write one of the kinds that the error names"
        ),
        Entry(
            code: "unknown-remote",
            meaning: "Project names a remote that git does not know here",
            cause: "a spelling, or a clone that was made from elsewhere",
            remedy: "git remote add NAME URL adds it; `remote: none` keeps versions in this repository"
        ),
        Entry(
            code: "unpinned-revision",
            meaning: "a base's revision is a branch, which moves",
            cause: "a training must say what it starts from",
            remedy: "write the commit, as the error shows"
        ),
        Entry(
            code: "unpinned-source",
            meaning: "a source that lies elsewhere has no digest",
            cause: "what lies there may change, and a training must say what it was",
            remedy: "ftops data update writes it"
        ),
        Entry(
            code: "unreadable-manifest",
            meaning: "a manifest cannot be read",
            cause: "its permissions, or no regular file",
            remedy: "mend what the error names"
        ),
        Entry(
            code: "unusable-result",
            meaning: "what another repository left in the store cannot be used",
            cause: "its record is damaged, or its files are gone",
            remedy: "nothing: it is trained as if it were not there",
            isWarning: true
        ),
        Entry(
            code: "unused-fields",
            meaning: "rows have fields that are not rendered",
            cause: "a template that leaves them out, or metadata",
            remedy: "put them into the template where the model should know them; else silence it",
            isWarning: true
        ),
        Entry(
            code: "unusual-learning-rate",
            meaning: "a learning rate is far from what is usual for the method",
            cause: "a missing zero, or a value for another method",
            remedy: "write one between 1e-5 and 5e-3 for LoRA, between 1e-6 and 2e-4 for all weights",
            isWarning: true
        ),
        Entry(
            code: "upstream-moved",
            meaning: "a source elsewhere is no longer what its pin says",
            cause: "its owner has changed it",
            remedy: "ftops data update writes the new pin, where the change is meant",
            isWarning: true
        ),
        Entry(
            code: "upstream-unreachable",
            meaning: "a source elsewhere could not be asked",
            cause: "the network, the address or the credentials",
            remedy: "what the cache has still trains; look again later",
            isWarning: true
        ),
        Entry(
            code: "validation-trains",
            meaning: "rows that validate are trained on too",
            cause: "the same row twice in the source, or in both sources",
            remedy: "`dedupe: exact`, or other rows: the validation loss is too good else",
            isWarning: true
        ),
        Entry(
            code: "wrong-type",
            meaning: "a value has another type than its field",
            cause: "a list where one value is meant, or the other way round",
            remedy: "write what the error says is expected"
        ),
    ]
}
