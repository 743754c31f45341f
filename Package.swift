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

/// A library of the house. Its dependencies stand on lower floors (see docs/architecture.md).
func room(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

/// A thin executable on the top floor.
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
    // Floor 0
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CSystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),

    room("Basics", []),

    // Floor 1
    room("Redis", ["CHiredis"]),
    room("Systemd", ["CSystemd", logging]),
    room("Trading", [crypto]),
    room("Deployment", ["Basics", "CYAML"]),
    room(
      "Rehearsal", [subprocess, system],
      resources: [.embedInCode("Scripts/supervise.sh"), .embedInCode("Scripts/furnish.sh")]),

    // Floor 2
    room("EventBus", ["Redis"]),

    // Floor 3
    room("StrategyRouter", ["EventBus", "Redis", "Trading", logging]),
    room("Execution", ["EventBus", "Redis", "Trading", logging]),
    room(
      "ServiceRuntime", ["Basics", "EventBus", "Redis", "Systemd", "Trading", logging, serviceLifecycle, unixSignals]),
    room(
      "Verification", ["Basics", "Deployment", "EventBus", "Redis", "Systemd", "Trading", crypto, subprocess, system]),

    // Floor 4
    room(
      "Host",
      ["Basics", "CLinux", "Deployment", "EventBus", "Redis", "Systemd", "Verification", crypto, subprocess, system]),

    // Floor 5
    program(
      "qtctl", ["Basics", "Deployment", "Host", "Redis", "Rehearsal", "Systemd", "Verification", argumentParser]),
    program(
      "quantum-ai-strategy-router",
      ["ServiceRuntime", "StrategyRouter", "EventBus", "Redis", "Trading", argumentParser, logging]),
    program(
      "quantum-execution", ["ServiceRuntime", "Execution", "EventBus", "Redis", "Trading", argumentParser, logging]),

    // Tests: one target a room; the acceptance tests and the demo drive the whole program on a throwaway machine.
    .target(
      name: "TestSupport", dependencies: ["Basics", "Deployment", "Rehearsal", "Redis", logging, subprocess, system],
      path: "Tests/TestSupport",
      swiftSettings: settings),
    program("quantum-demo", ["TestSupport"], path: "Tests/Demo"),
    program("quantum-venue", ["TestSupport", argumentParser], path: "Tests/Venue"),
    program(
      "quantum-chaos", ["EventBus", "Redis", "Trading", "TestSupport", argumentParser, system], path: "Tests/Chaos"),
    .executableTarget(
      name: "quantum-c-router", dependencies: ["CHiredis"], path: "Tests/CRouter",
      linkerSettings: [.linkedLibrary(":libhiredis.a")]),
    program(
      "quantum-bus-bench", ["EventBus", "Redis", "Trading", "TestSupport", argumentParser], path: "Tests/BusBench"),
    tests("BasicsTests", ["Basics"]),
    tests("RedisTests", ["Redis", "TestSupport"]),
    tests("SystemdTests", ["Systemd", "Rehearsal", "TestSupport", logging]),
    tests("TradingTests", ["Trading"]),
    tests("DeploymentTests", ["Basics", "Deployment"]),
    tests("RehearsalTests", ["Rehearsal", "TestSupport", system]),
    tests("EventBusTests", ["EventBus", "Redis", "TestSupport"]),
    tests("StrategyRouterTests", ["StrategyRouter", "EventBus", "Redis", "Trading", "TestSupport", logging]),
    tests(
      "ExecutionTests",
      ["Execution", "StrategyRouter", "EventBus", "Redis", "Trading", "TestSupport", "quantum-venue", logging]),
    tests(
      "ServiceRuntimeTests",
      [
        "ServiceRuntime", "quantum-ai-strategy-router", "quantum-execution", "Redis", "TestSupport", subprocess, system,
      ]),
    tests(
      "VerificationTests",
      [
        "Verification", "Basics", "Deployment", "EventBus", "Redis", "Rehearsal", "quantum-ai-strategy-router",
        "quantum-execution", "TestSupport",
      ]),
    tests(
      "ChaosTests",
      [
        "EventBus", "Redis", "Trading", "quantum-chaos", "quantum-venue", "quantum-ai-strategy-router",
        "quantum-execution", "TestSupport",
      ]),
    tests("HostTests", ["Host", "Deployment", "TestSupport"]),
    tests("AcceptanceTests", ["Deployment", "Rehearsal", "TestSupport"]),
  ]
)
