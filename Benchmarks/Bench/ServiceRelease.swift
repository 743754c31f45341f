/// Two releases of the same services, of one contender alone: a program of some MiB and a unit each, and a service that
/// answers as soon as it is started, so that what is measured is the tool and not the service.
struct ServiceRelease {
  let folder: String
  /// Tells the services of one contender from those of another.
  let tag: String
  let count: Int
  let mebibytes: Int
  let firstPort: Int
  /// Whether the services ignore SIGTERM, and are killed after two seconds.
  var isDeaf = false

  var names: [String] { (1...count).map { "bench-\(tag)-\($0)" } }
  var ports: [UInt16] { (0..<count).map { UInt16(clamping: firstPort + $0) } }
  /// As the script by hand takes them.
  var words: [String] { zip(names, ports).map { "\($0):\($1)" } }

  func release(_ version: Int) -> String { "\(folder)/\(tag)/release-\(version)" }

  /// Writes both releases.
  func write(service: String) throws {
    for version in [1, 2] {
      for (name, port) in zip(names, ports) {
        try Timed.sh(Self.files, release(version), name, service, "\(mebibytes)", unit(name, port, version))
      }
      try Timed.sh(
        #"cd "$1"; printf %s "$2" >qtctl.yaml; printf %s "$3" >hand; chmod +x hand"#, release(version),
        manifest(version), HandScript.text)
    }
  }

  /// What the installed files are to be, as the script by hand checks it, beside the program and unit.
  private static let files = #"""
    mkdir -p "$1"; cd "$1"
    cp "$3" "$2"
    padding=$(($4 * 1048576 - $(stat -c %s "$2")))
    [ "$padding" -gt 16 ] || padding=16
    head -c "$padding" /dev/urandom >>"$2"; chmod 0755 "$2"
    printf %s "$5" >"$2.service"
    echo "$(sha256sum <"$2" | cut -d ' ' -f 1)  /usr/local/bin/$2" >>SHA256SUMS
    echo "$(sha256sum <"$2.service" | cut -d ' ' -f 1)  /etc/systemd/system/$2.service" >>SHA256SUMS
    """#

  private func unit(_ name: String, _ port: UInt16, _ version: Int) -> String {
    """
    [Unit]
    Description=\(name) of the benchmark

    [Service]
    Type=notify
    ExecStart=/usr/local/bin/\(name) \(port) \(version)\(isDeaf ? " deaf" : "")
    \(isDeaf ? "TimeoutStopSec=2s" : "")

    """
  }

  private func manifest(_ version: Int) -> String {
    """
    name: bench-\(tag)
    version: "\(version)"
    services:
    \(names.map { name in """
        - unit: \(name).service
          files:
            - {source: \(name), target: /usr/local/bin/\(name), mode: "0755"}
            - {source: \(name).service, target: /etc/systemd/system/\(name).service}

      """ }.joined())backups: {directory: /var/backups/bench-\(tag), keep: 3}
    verify:
      stable: 0s
      http:
    \(ports.map { "    - {url: \"http://127.0.0.1:\($0)/\", body: \"version \(version)\"}\n" }.joined())
    """
  }
}

/// The same deploy as an operator would write it, with backup and checks; the peers use its backup and its checks.
enum HandScript {
  static let text = #"""
    #!/bin/bash
    # hand deploy|back|backup|check RELEASE UNIT:PORT...
    set -eu
    cd /
    action=$1 release=$2; shift 2
    units=() ports=() files=()
    for word; do
      units+=("${word%:*}") ports+=("${word#*:}")
      files+=("/usr/local/bin/${word%:*}" "/etc/systemd/system/${word%:*}.service")
    done
    store=/var/backups/hand/${units[0]}

    backup() {
      local folder present=() file
      folder=$store/$(date -u +%Y%m%d_%H%M%S_%N)
      mkdir -p "$folder"
      for file in "${files[@]}"; do [ ! -e "$file" ] || present+=("$file"); done
      [ "${#present[@]}" -eq 0 ] || cp -a --parents "${present[@]}" "$folder"
      find "$store" -mindepth 1 -maxdepth 1 | sort | head -n -3 | xargs -r rm -r
    }

    # A program is put beside its place and renamed, as a running one cannot be written.
    put() {
      local file
      systemctl stop "${units[@]}" 2>/dev/null || true
      for file in "${files[@]}"; do mv "$file.new" "$file"; done
      systemctl daemon-reload
      systemctl start "${units[@]}"
    }

    answers() {
      local i line
      for i in "${!units[@]}"; do
        [ "$(systemctl is-active "${units[i]}")" = active ]
        [ "/proc/$(systemctl show --value -p MainPID "${units[i]}")/exe" -ef "/usr/local/bin/${units[i]}" ]
        exec 3<>"/dev/tcp/127.0.0.1/${ports[i]}"
        printf 'GET / HTTP/1.0\r\n\r\n' >&3
        read -r line <&3
        [[ $line == *' 200 '* ]]
        exec 3>&-
      done
    }

    check() {
      sha256sum --quiet --check "$release/SHA256SUMS"
      answers
    }

    case $action in
      backup) backup ;;
      check) check ;;
      deploy)
        backup
        for unit in "${units[@]}"; do
          install -m 0755 "$release/$unit" "/usr/local/bin/$unit.new"
          install -m 0644 "$release/$unit.service" "/etc/systemd/system/$unit.service.new"
        done
        put
        check
        ;;
      back)
        last=$(find "$store" -mindepth 1 -maxdepth 1 | sort | tail -n 1)
        for file in "${files[@]}"; do cp -a "$last$file" "$file.new"; done
        put
        answers
        ;;
    esac

    """#
}
