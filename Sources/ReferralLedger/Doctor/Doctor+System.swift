import Glibc
import LMDB
import LedgerDomain
import LedgerLog
import Platform

// What holds for the machine and for the folder, without opening the log.

extension Doctor {
    func checkPlatform() -> HealthCheck {
        var name = utsname()
        _ = unsafe uname(&name)
        let release = unsafe withUnsafeBytes(of: &name.release) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return HealthCheck(
            "platform", .ok, "Linux \(release), pages of \(sysconf(Int32(_SC_PAGESIZE))) bytes")
    }

    func checkLibraries() -> HealthCheck {
        HealthCheck("libraries", .ok, "LMDB \(LMDBLibrary.version), \(CryptoLibrary.version)")
    }

    func checkLimits() -> HealthCheck {
        func limit(_ resource: __rlimit_resource) -> UInt64 {
            var found = rlimit()
            return unsafe getrlimit(Int32(resource.rawValue), &found) == 0
                ? UInt64(found.rlim_cur) : UInt64.max
        }
        let maps = UInt64(options.logMapBytes) + UInt64(options.viewsMapBytes)
        let (space, files, size) = (limit(RLIMIT_AS), limit(RLIMIT_NOFILE), limit(RLIMIT_FSIZE))
        if space < maps {
            return HealthCheck(
                "limits", .fail,
                "address space is limited to \(byteText(space)), the maps reserve \(byteText(maps))",
                advice: "Lift the limit (ulimit -v unlimited): what is reserved costs no memory.")
        }
        if size < 1 << 40 {
            return HealthCheck(
                "limits", .warn, "files are limited to \(byteText(size))",
                advice: "Lift the limit (ulimit -f unlimited): the log is one file.")
        }
        if files < 256 {
            return HealthCheck(
                "limits", .warn, "\(files) open files are allowed",
                advice: "Allow more (ulimit -n 1024): each client of the socket is one.")
        }
        return HealthCheck("limits", .ok, "address space and file size unlimited enough, \(files) open files")
    }

    func checkTimeZones() -> HealthCheck {
        do throws(LedgerError) {
            _ = try Ledger.loadZone("Europe/London")
            return HealthCheck("timeZones", .ok, "the system's time zones can be read")
        } catch {
            return HealthCheck(
                "timeZones", .warn, "the system's time zones cannot be read",
                advice: "Install tzdata: policies in other zones than UTC cannot be published without it.")
        }
    }

    func checkFiles() -> HealthCheck {
        let missing = ["log", "keys", "views"].filter {
            unsafe access("\(folders.root)/\($0)/data.mdb", F_OK) != 0
        }
        if missing.contains("keys") {
            return HealthCheck(
                "files", .fail, "keys/data.mdb is missing",
                advice: "Restore it from its backup: without it the ledger does not open for writing.")
        }
        if missing.contains("views") {
            return HealthCheck(
                "files", .warn, "views/data.mdb is missing",
                advice: "The next opening folds the whole log; 'rebuild' does it now.")
        }
        return HealthCheck("files", .ok, "log, keys and views are there")
    }

    func checkPermissions() -> HealthCheck {
        func mode(_ path: String) -> mode_t? {
            var status = stat()
            return unsafe stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
        }
        func octal(_ mode: mode_t) -> String { String(mode, radix: 8) }
        let others: mode_t = 0o077
        let (root, keys) = (mode(folders.root) ?? 0, mode(folders.keys) ?? 0)
        let file = mode(folders.keys + "/data.mdb") ?? 0
        let advice = "chmod 700 \(folders.keys); chmod 600 \(folders.keys)/data.mdb"
        if keys & others != 0 || file & others != 0 {
            // Who may not pass through the ledger's folder gets to nothing in it; until its mode is changed.
            let isReachable =
                root & 0o011 != 0 && (keys & 0o066 != 0 || (keys & 0o011 != 0 && file & others != 0))
            return HealthCheck(
                "permissions", isReachable ? .fail : .warn,
                "keys/ is not the owner's alone (mode \(octal(keys)), its file \(octal(file)))",
                advice: advice)
        }
        guard unsafe access(folders.root, W_OK) == 0 else {
            return HealthCheck(
                "permissions", .warn, "this user cannot write the folder",
                advice: "Reading works; write as the folder's owner.")
        }
        if root & 0o022 != 0 {
            return HealthCheck(
                "permissions", .fail, "others may write the folder (mode \(octal(root)))",
                advice: "chmod 700 \(folders.root)")
        }
        if root & others != 0 {
            return HealthCheck(
                "permissions", .warn, "others may look into the folder (mode \(octal(root)))",
                advice: "chmod 700 \(folders.root): user ids and amounts are in clear in the log.")
        }
        return HealthCheck("permissions", .ok, "only the owner gets into the folder")
    }

    func checkSpace() -> HealthCheck {
        var file = statvfs()
        guard unsafe statvfs(folders.log, &file) == 0 else {
            return HealthCheck(
                "space", .warn, "free space is unknown: \(unsafe String(cString: strerror(errno)))")
        }
        let free = UInt64(file.f_bavail) * UInt64(file.f_frsize)
        let text = "\(byteText(free)) free on the log's disk"
        if free < 64 << 20 {
            return HealthCheck("space", .fail, text, advice: "Make room: a full disk refuses all writing.")
        }
        if free < 1 << 30 {
            return HealthCheck("space", .warn, text, advice: "Make room before the disk is full.")
        }
        return HealthCheck("space", .ok, text)
    }

    func checkWriter() -> HealthCheck {
        let held: Bool?
        do throws(LMDBError) {
            held = try FileLock.isHeld(path: folders.lock)
        } catch {
            return HealthCheck("writer", .warn, "writer.lock cannot be looked at: \(error.message)")
        }
        guard held == true else { return HealthCheck("writer", .ok, "nobody writes the ledger") }
        let holders = FileLock.holders(path: folders.lock)
        if holders.isEmpty {
            return HealthCheck("writer", .ok, "another user's process writes the ledger", isBusy: true)
        }
        let names = holders.map { "\($0)" }.joined(separator: ", ")
        return HealthCheck("writer", .ok, "process \(names) writes the ledger", isBusy: true)
    }
}
