import Glibc
import TestSupport

/// `make demo`: the main job on a throwaway machine, with a line and its seconds for each step.
@main
enum Demo {
  static func main() async {
    let narrator = Narrator()
    do {
      try await Site.with(name: "demo") { site in
        narrator.say("\(narrator.elapsed)  a throwaway machine is up: \(try await site.sh(parts))")
        try await Scenario(site: site, tell: narrator.step, say: narrator.say).play()
      }
      narrator.say("\(narrator.elapsed)  in all")
    } catch {
      narrator.say("the demo failed: \(error)")
      exit(1)
    }
  }

  private static let parts = """
    printf '%s, Redis %s' "$(systemctl --version | head -n 1)" "$(redis-cli INFO server | sed -n 's/redis_version:\\([0-9.]*\\).*/\\1/p')"
    """
}
