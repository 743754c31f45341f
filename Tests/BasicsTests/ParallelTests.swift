import Glibc
import Synchronization
import Testing

@testable import Basics

@Suite("Work on many things at the same time")
struct ParallelTests {
  @Test("gives what becomes of each, in their order", arguments: [0, 1, 2, 3, 63, 64, 65, 1000])
  func keepsOrder(_ count: Int) {
    #expect(Parallel.map(Array(0..<count)) { $0 * 2 } == (0..<count).map { $0 * 2 })
  }

  @Test("gives the error of the first one that has one")
  func throwsFirst() {
    struct Failure: Error, Equatable { let number: Int }
    let error = #expect(throws: Failure.self) {
      try Parallel.map(Array(0..<20)) { number in
        // Those behind are told of before it.
        if number == 2 { usleep(20_000) }
        if number % 3 == 2 { throw Failure(number: number) }
      }
    }
    #expect(error == Failure(number: 2))
  }

  @Test("begins nothing more once one has an error")
  func stopsAfterError() {
    struct Failure: Error {}
    let seen = Atomic(0)
    #expect(throws: Failure.self) {
      try Parallel.map(Array(0..<10_000)) { number in
        seen.wrappingAdd(1, ordering: .relaxed)
        if number == 0 { throw Failure() }
        usleep(100)
      }
    }
    #expect(seen.load(ordering: .relaxed) < 5000)
  }

  @Test("goes on within itself")
  func nests() {
    let sums = Parallel.map(Array(0..<40)) { outer in
      Parallel.map(Array(0..<40)) { outer * $0 }.reduce(0, +)
    }
    #expect(sums == (0..<40).map { $0 * 780 })
  }

  @Test("is done on several threads, where there are several cores", .enabled(if: Parallel.cores > 1))
  func usesCores() async {
    // Asked from Swift's own pool, whose threads are all in use: each of the two waits for the other.
    let met = Parallel.map([0, 1]) { [count = Count()] _ in
      count.value.wrappingAdd(1, ordering: .acquiringAndReleasing)
      for _ in 0..<5000 where count.value.load(ordering: .acquiring) < 2 { usleep(1000) }
      return count.value.load(ordering: .acquiring) == 2
    }
    #expect(met == [true, true])
  }

  private final class Count: Sendable { let value = Atomic(0) }

  @Test(
    "counts the cores that this process may use",
    arguments: [
      ("Name:\tx\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n", 2), ("Cpus_allowed:\tff,00000001\n", 9),
      ("Cpus_allowed:\t0\n", nil), ("", nil),
    ])
  func countsCores(_ text: String, _ count: Int?) {
    #expect(Parallel.cores(inStatus: text) == count)
  }
}
