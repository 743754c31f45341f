import Glibc

/// `make bench`: what DESIGN asks to be measured, each beside what it is compared with, in one run on one machine.
///
/// Figures of one machine say little; the ratios are what counts.
@main
enum Bench {
  static func main() async {
    do {
      try await BusBench().run()
    } catch {
      print("the bench failed: \(error)")
      exit(1)
    }
  }
}
