import Basics
import Deployment
import Testing

@Suite("What 'exclude' hides")
struct ExclusionTests {
  @Test(
    "is what a .gitignore hides: the last pattern that matches decides, and nothing in a hidden folder comes back",
    arguments: [
      (["*.log", "!keep.log"], ["a.log", "x/a.log"], ["keep.log", "x/keep.log"]),
      (["/data/"], ["data/a", "data/x/y"], ["x/data/a", "data"]),
      (["data/", "!data/keep"], ["data/keep"], []),
      (["/data/*", "!/data/keep"], ["data/a"], ["data/keep", "data/keep/x"]),
      (["*.log", "!keep/"], ["keep/x.log"], ["keep/x"]),
      ([], [], ["a"]),
    ] as [([String], [String], [String])])
  func hides(patterns: [String], hidden: [String], shown: [String]) {
    let exclusion = Exclusion(patterns)
    #expect(hidden.filter { !exclusion.hides($0) } == [])
    #expect(shown.filter { exclusion.hides($0) } == [])
  }
}
