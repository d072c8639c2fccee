// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// Everything above the C wrappers is checked for memory safety, so that no unsafe pointer leaks out of them.
let safe: [SwiftSetting] = house + [.strictMemorySafety()]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// Floors of the design: a target depends only on targets of the floors below it.
let package = Package(
    name: "ftops",
    products: [.executable(name: "ftops", targets: ["ftops"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // 1: C libraries
        .systemLibrary(name: "CGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .target(name: "CCurl"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CBytes"),
        .target(name: "CPOSIX"),
        // 2: one Swift wrapper a C library, and the JSON values that everything above speaks
        .target(name: "Compression", dependencies: ["CZlib", "CZstd"], swiftSettings: house),
        .target(name: "Digest", dependencies: ["CCrypto"], swiftSettings: house),
        .target(name: "Git", dependencies: ["CGit2"], swiftSettings: house),
        .target(name: "JSON", dependencies: ["CBytes"], swiftSettings: house),
        .target(name: "Packing", swiftSettings: house),
        .target(name: "POSIX", dependencies: ["CPOSIX"], swiftSettings: house),
        .target(name: "Transfer", dependencies: ["CCurl"], swiftSettings: house),
        .target(name: "YAML", dependencies: ["CYAML"], swiftSettings: house),
        // 3: values and pure functions
        .target(name: "Resources", swiftSettings: safe),
        .target(name: "Planning", dependencies: ["Digest", "JSON", "Resources"], swiftSettings: safe),
        // 4: one effect each
        .target(
            name: "Artifacts",
            dependencies: ["Digest", "POSIX", "Resources", "Transfer"],
            swiftSettings: safe
        ),
        .target(
            name: "Datasets",
            dependencies: ["Compression", "Digest", "JSON", "POSIX", "Packing", "Resources"],
            swiftSettings: safe
        ),
        .target(
            name: "Downloads",
            dependencies: ["Digest", "JSON", "POSIX", "Resources", "Transfer"],
            swiftSettings: safe
        ),
        .target(
            name: "Ledger",
            dependencies: ["Digest", "Git", "Packing", "Planning", "POSIX", "Resources", "YAML"],
            swiftSettings: safe
        ),
        .target(
            name: "Manifests",
            dependencies: ["Digest", "JSON", "Packing", "POSIX", "Resources", "YAML"],
            swiftSettings: safe
        ),
        .target(name: "Reports", dependencies: ["JSON", "Planning", "Resources"], swiftSettings: safe),
        .target(name: "Runs", dependencies: ["Digest", "JSON", "POSIX", "Resources"], swiftSettings: safe),
        // 5: where runs happen, and what is done with their results
        .target(
            name: "Backends",
            dependencies: ["Artifacts", "JSON", "POSIX", "Resources", "Runs"],
            swiftSettings: safe
        ),
        .target(
            name: "Inference",
            dependencies: ["Artifacts", "Datasets", "Digest", "JSON", "POSIX", "Resources", "Runs"],
            swiftSettings: safe
        ),
        // 6: desired minus actual
        .target(
            name: "Reconciler",
            dependencies: [
                "Artifacts", "Backends", "Datasets", "Digest", "Downloads", "Git", "Inference", "JSON", "Ledger",
                "Manifests", "Packing", "Planning", "POSIX", "Reports", "Resources", "Runs", "YAML",
            ],
            swiftSettings: safe
        ),
        // 7: the command line
        .target(
            name: "Commands",
            dependencies: [
                argumentParser, "Artifacts", "Backends", "Datasets", "Digest", "Downloads", "Git", "Inference", "JSON",
                "Ledger", "Manifests", "Planning", "POSIX", "Reconciler", "Reports", "Resources", "Runs", "YAML",
            ],
            swiftSettings: safe
        ),
        // 8: the executable
        .executableTarget(name: "ftops", dependencies: ["Commands"], swiftSettings: safe),
        // Tests
        .target(
            name: "FtopsTestSupport",
            dependencies: ["POSIX"],
            path: "Tests/FtopsTestSupport",
            swiftSettings: house
        ),
        .testTarget(
            name: "ArtifactsTests",
            dependencies: ["Artifacts", "FtopsTestSupport", "Transfer"],
            swiftSettings: house
        ),
        .testTarget(name: "BackendsTests", dependencies: ["Backends", "FtopsTestSupport"], swiftSettings: house),
        .testTarget(
            name: "CommandsTests",
            dependencies: ["Commands", "FtopsTestSupport", "Manifests", "ftops"],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(
            name: "DatasetsTests",
            dependencies: ["Compression", "Datasets", "FtopsTestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(name: "DigestTests", dependencies: ["Digest", "FtopsTestSupport"], swiftSettings: house),
        .testTarget(
            name: "DownloadsTests",
            dependencies: ["Downloads", "FtopsTestSupport", "JSON", "POSIX", "Resources", "Transfer"],
            swiftSettings: house
        ),
        .testTarget(
            name: "HouseTests",
            dependencies: ["Datasets", "Manifests", "Resources"],
            swiftSettings: house
        ),
        .testTarget(name: "InferenceTests", dependencies: ["FtopsTestSupport", "Inference"], swiftSettings: house),
        .testTarget(
            name: "GitTests",
            dependencies: ["Git", "FtopsTestSupport", "ledger-racer"],
            swiftSettings: house
        ),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "FtopsTestSupport"], swiftSettings: house),
        .testTarget(
            name: "LedgerTests",
            dependencies: ["Ledger", "FtopsTestSupport", "ledger-racer"],
            swiftSettings: house
        ),
        .executableTarget(
            name: "ledger-racer",
            dependencies: ["Git", "Ledger", "Planning", "Resources"],
            path: "Tests/ledger-racer",
            swiftSettings: safe
        ),
        .testTarget(
            name: "ManifestsTests",
            dependencies: ["JSON", "Manifests", "FtopsTestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(name: "PackingTests", dependencies: ["FtopsTestSupport", "Packing"], swiftSettings: house),
        .testTarget(name: "POSIXTests", dependencies: ["POSIX", "FtopsTestSupport"], swiftSettings: house),
        .testTarget(name: "PlanningTests", dependencies: ["Planning", "FtopsTestSupport"], swiftSettings: house),
        .testTarget(
            name: "ReconcilerTests",
            dependencies: ["Reconciler", "FtopsTestSupport"],
            swiftSettings: house
        ),
        .testTarget(
            name: "ReportsTests",
            dependencies: ["Reports", "FtopsTestSupport"],
            exclude: ["Snapshots"],
            swiftSettings: house
        ),
        .testTarget(name: "ResourcesTests", dependencies: ["Resources", "FtopsTestSupport"], swiftSettings: house),
        .testTarget(name: "RunsTests", dependencies: ["Runs", "FtopsTestSupport"], swiftSettings: house),
        .testTarget(name: "TransferTests", dependencies: ["FtopsTestSupport", "Transfer"], swiftSettings: house),
        .executableTarget(
            name: "yaml-bombs",
            dependencies: ["FtopsTestSupport", "POSIX"],
            path: "Tests/yaml-bombs",
            swiftSettings: safe
        ),
        .testTarget(name: "YAMLTests", dependencies: ["YAML", "FtopsTestSupport"], swiftSettings: house),
    ]
)

// libFuzzer brings its own `main`, so that the fuzzer links only where everything is built with it; see .make/fuzz.
if Context.environment["FTOPS_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: ["Datasets", "JSON", "Manifests", "Resources", "YAML"],
            path: "Tests/fuzz",
            exclude: ["corpus"],
            swiftSettings: house
        )
    )
}
