// swift-tools-version: 6.2
import PackageDescription

/// One set of rules for every target: Swift 6 mode, explicit existentials and imports, no warning survives.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

/// A library. Its dependencies are of lower layers (see docs/architecture.md).
func library(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

/// A thin executable.
func program(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
  .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
  name: "qtctl",
  products: [
    .executable(name: "qtctl", targets: ["qtctl"]),
    .executable(name: "quantum-ai-strategy-router", targets: ["quantum-ai-strategy-router"]),
    .executable(name: "quantum-execution", targets: ["quantum-execution"]),
    .library(name: "EventBus", targets: ["EventBus", "Redis"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    // Layer 0
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(name: "CLibArchive", providers: [.apt(["libarchive-dev", "libzstd-dev", "zlib1g-dev"])]),
    .systemLibrary(name: "CLinux"),
    .target(name: "CTarFormat"),
    .systemLibrary(name: "CSystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),

    library("Basics", []),
    library("Samples", []),

    // Layer 1: how text is shown; the terminal
    library("Terminal", ["Basics"]),

    // Layer 1
    library("Redis", ["CHiredis"]),
    library("Systemd", ["Basics", "CSystemd", logging]),
    library("Trading", [crypto]),
    library("Deployment", ["Basics"]),
    library(
      "Rehearsal", [subprocess, system],
      resources: [
        .embedInCode("Scripts/supervise.sh"), .embedInCode("Scripts/prepare-common.sh"),
        .embedInCode("Scripts/prepare-root.sh"), .embedInCode("Scripts/prepare-likeness.sh"),
      ]),

    // Layer 2
    library("EventBus", ["Redis"]),

    // Layer 3
    library("StrategyRouter", ["EventBus", "Redis", "Trading", logging]),
    library("Execution", ["EventBus", "Redis", "Trading", logging]),
    library(
      "ServiceRuntime", ["Basics", "EventBus", "Redis", "Systemd", "Trading", logging, serviceLifecycle, unixSignals]),
    library(
      "Verification",
      [
        "Basics", "Deployment", "EventBus", "FileOperations", "KnownDigests", "Redis", "Samples", "Systemd", "Trading",
        subprocess, system,
      ]),

    // Layers 2 to 7: what a transaction is made of, each target with one responsibility
    library("Manifests", ["Basics", "CYAML", "Deployment"]),
    library("FileOperations", ["Basics", "CLinux", "Deployment", crypto, subprocess, system]),
    library("KnownDigests", ["Basics", "FileOperations", crypto, system]),
    library("HostState", ["Basics", "CLinux", "Deployment", "FileOperations", "Samples", system]),
    library("Units", ["Basics", "Deployment", "FileOperations", "KnownDigests", "Systemd", system]),
    library(
      "Releases",
      [
        "Basics", "CLibArchive", "Deployment", "FileOperations", "HostState", "KnownDigests", "Manifests", "Units",
        system,
      ]),
    library(
      "Backups",
      [
        "Basics", "Deployment", "EventBus", "FileOperations", "HostState", "KnownDigests", "Manifests", "Redis",
        "Releases", "Units", "Verification",
        system,
      ]),
    library(
      "BackupTransfer",
      [
        "Backups", "Basics", "CLibArchive", "CLinux", "CTarFormat", "Deployment", "FileOperations", "Releases", system,
      ]),
    library(
      "Remote", ["Basics", "Deployment", "FileOperations", "HostState", "Releases", "Systemd", crypto, system],
      resources: [.embedInCode("Resources/qtctl-recover.service")]),
    library("Signatures", ["Basics", "Deployment", "FileOperations", "HostState", "KnownDigests", "Releases", system]),
    library(
      "Preflight",
      [
        "Backups", "Basics", "CLinux", "Deployment", "FileOperations", "HostState", "Releases", "Systemd",
        "Units",
        subprocess, system,
      ]),
    library("Commit", ["Basics", "Deployment", "FileOperations", "HostState", "Units"]),
    library(
      "Transactions",
      [
        "Backups", "Basics", "Commit", "Deployment", "FileOperations", "HostState", "KnownDigests", "Manifests",
        "Preflight", "Releases", "Units", "Verification", system,
      ]),

    library(
      "Adoption",
      [
        "Basics", "Deployment", "EventBus", "FileOperations", "Preflight", "Redis", "Systemd", "Units", "Verification",
      ]),
    library(
      "Watching",
      [
        "Backups", "Basics", "Commit", "Deployment", "FileOperations", "HostState", "Manifests", "Systemd",
        "Transactions", "Units",
      ]),
    library(
      "Doctor",
      [
        "Basics", "Deployment", "EventBus", "FileOperations", "HostState", "Preflight", "Redis", "Systemd", "Units",
        "Verification",
      ]),

    library(
      "Rehearsing",
      [
        "Basics", "Commit", "Deployment", "FileOperations", "HostState", "Redis", "Rehearsal", "Releases", "Systemd",
        "Units",
      ]),
    library(
      "Proving",
      [
        "Basics", "Commit", "Deployment", "EventBus", "FileOperations", "Redis", "Rehearsal", "Releases", "Systemd",
        "Trading", "Verification",
      ]),

    // Layer 8: what is seen of all that
    library(
      "Status",
      [
        "Backups", "Basics", "Deployment", "FileOperations", "HostState", "Releases", "Systemd", "Transactions",
        "Verification", "Watching",
      ]),

    library(
      "Presentation",
      [
        "Backups", "Basics", "Commit", "Deployment", "FileOperations", "HostState", "Rehearsing", "Status", "Systemd",
        "Terminal", "Transactions", "Verification", "Watching",
      ]),

    // Layer 9: one transaction as a page
    library(
      "HTMLReport",
      [
        "Backups", "Basics", "Deployment", "FileOperations", "HostState", "Samples", "Status", "Systemd",
        "Transactions", "Units",
        system,
      ]),

    // Programs
    program(
      "qtctl",
      [
        "Adoption", "BackupTransfer", "Backups", "Basics", "Commit", "Deployment", "Doctor", "FileOperations",
        "HTMLReport", "HostState", "KnownDigests", "Manifests", "Presentation", "Proving", "Redis", "Rehearsing",
        "Releases", "Remote",
        "Signatures", "Status", "Systemd", "Terminal", "Transactions", "Units", "Verification", "Watching",
        argumentParser, system,
      ]),
    program(
      "quantum-ai-strategy-router",
      ["ServiceRuntime", "StrategyRouter", "EventBus", "Redis", "Trading", argumentParser, logging]),
    program("quantum-proof", ["EventBus", "Redis", "Systemd", "Trading", argumentParser]),
    program(
      "quantum-execution", ["ServiceRuntime", "Execution", "EventBus", "Redis", "Trading", argumentParser, logging]),

    // Tests: one target a library; the acceptance tests and the demo drive the whole program on a throwaway machine.
    .target(
      name: "TestSupport", dependencies: ["Basics", "Deployment", "Rehearsal", "Redis", logging, system],
      path: "Tests/TestSupport",
      swiftSettings: settings),
    program("quantum-demo", ["TestSupport"], path: "Programs/Demo"),
    program("quantum-captures", ["FileOperations", "Rehearsal", "TestSupport"], path: "Programs/Captures"),
    program("quantum-venue", ["TestSupport", argumentParser], path: "Programs/Venue"),
    program(
      "quantum-chaos", ["EventBus", "Redis", "Trading", "TestSupport", argumentParser, system], path: "Programs/Chaos"),
    .executableTarget(
      name: "quantum-c-router", dependencies: ["CHiredis"], path: "Benchmarks/CRouter",
      linkerSettings: [.linkedLibrary(":libhiredis.a")]),
    .target(
      name: "BusMeasurement", dependencies: ["EventBus", "Redis", "Trading", "TestSupport"],
      path: "Benchmarks/BusMeasurement", swiftSettings: settings),
    program(
      "quantum-bus-bench", ["BusMeasurement", "EventBus", "Redis", "Trading", "TestSupport", argumentParser],
      path: "Benchmarks/BusBench"),
    .target(name: "Measurement", path: "Benchmarks/Measurement", swiftSettings: settings),
    .executableTarget(name: "quantum-bench-service", path: "Benchmarks/Service"),
    program(
      "quantum-bench",
      ["Basics", "BusMeasurement", "FileOperations", "Measurement", "Rehearsal", "TestSupport", argumentParser],
      path: "Benchmarks/Bench"),
    tests("BasicsTests", ["Basics"]),
    tests(
      "MeasurementTests",
      [
        "BusMeasurement", "Measurement", "Redis", "TestSupport", "quantum-ai-strategy-router", "quantum-c-router",
        "quantum-execution",
      ]),
    tests("TerminalTests", ["Terminal"]),
    tests("HTMLReportTests", ["Deployment", "FileOperations", "HostState", "HTMLReport", "Samples"]),
    tests("StatusTests", ["Deployment", "Status"]),
    tests("RedisTests", ["Redis", "TestSupport"]),
    tests("SystemdTests", ["Systemd", "Basics", "CSystemd", "Rehearsal", logging]),
    tests("TradingTests", ["Trading"]),
    tests("DeploymentTests", ["Basics", "Deployment", "Manifests", "TestSupport"]),
    tests("RehearsalTests", ["Rehearsal", "TestSupport", system]),
    tests("EventBusTests", ["EventBus", "Redis", "TestSupport"]),
    tests("StrategyRouterTests", ["StrategyRouter", "EventBus", "Redis", "Trading", "TestSupport"]),
    tests(
      "ExecutionTests",
      ["Execution", "StrategyRouter", "EventBus", "Redis", "Trading", "TestSupport", "quantum-venue"]),
    tests(
      "ServiceRuntimeTests",
      [
        "ServiceRuntime", "quantum-ai-strategy-router", "quantum-execution", "Redis", "TestSupport", subprocess, system,
      ]),
    tests(
      "VerificationTests",
      [
        "Verification", "Basics", "Deployment", "EventBus", "Redis", "Rehearsal", "Samples", "Trading",
        "quantum-ai-strategy-router",
        "quantum-execution", "TestSupport",
      ]),
    tests(
      "ChaosTests",
      [
        "EventBus", "Redis", "Trading", "quantum-chaos", "quantum-proof", "quantum-venue", "quantum-ai-strategy-router",
        "quantum-execution", "TestSupport",
      ]),
    tests("FileOperationsTests", ["Deployment", "FileOperations", "TestSupport"]),
    tests("KnownDigestsTests", ["FileOperations", "KnownDigests", "TestSupport"]),
    tests("WatchingTests", ["Deployment", "HostState", "TestSupport", "Watching"]),
    tests("AdoptionTests", ["Adoption", "Basics", "Deployment", "Manifests", "Preflight", "Units"]),
    tests("ProvingTests", ["Deployment", "Manifests", "Proving"]),
    tests("RemoteTests", ["Basics", "FileOperations", "HostState", "Remote", "TestSupport"]),
    tests("RehearsingTests", ["FileOperations", "Rehearsing", "TestSupport"]),
    tests("DoctorTests", ["Doctor", "HostState", "Redis", "Systemd"]),
    tests("PreflightTests", ["Deployment", "FileOperations", "Preflight", "Systemd", "TestSupport", "Units"]),
    tests(
      "TransactionsTests",
      [
        "Backups", "Basics", "Commit", "Deployment", "FileOperations", "HostState", "KnownDigests", "Manifests",
        "Preflight", "Releases", "Signatures",
        "TestSupport",
        "Transactions",
        "Units", "Verification",
      ]),
    tests("PresentationTests", ["Deployment", "FileOperations", "Presentation", "TestSupport"]),
    tests("MessagesTests", ["qtctl", "Deployment", "TestSupport", argumentParser, subprocess, system]),
    tests("AcceptanceTests", ["Deployment", "FileOperations", "Rehearsal", "TestSupport", subprocess, system]),
  ]
)
