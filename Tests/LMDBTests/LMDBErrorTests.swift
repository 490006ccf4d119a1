import Glibc
import LMDB
import Testing

extension LMDBTests {
    @Suite struct Errors {
        private enum Kind: CaseIterable {
            case mapFull, notFound, keyExists, corrupt, outOfSpace, readOnlyFolder, readersFull
            case alreadyOpen, usedAfterFork, closed

            func holds(for error: LMDBError) -> Bool {
                switch self {
                case .mapFull: error.isMapFull
                case .notFound: error.isNotFound
                case .keyExists: error.isKeyExists
                case .corrupt: error.isCorrupt
                case .outOfSpace: error.isOutOfSpace
                case .readOnlyFolder: error.isReadOnlyFolder
                case .readersFull: error.isReadersFull
                case .alreadyOpen: error.isAlreadyOpen
                case .usedAfterFork: error.isUsedAfterFork
                case .closed: error.isClosed
                }
            }
        }

        /// Codes of `lmdb.h`, of `errno` and our own, with the one kind each belongs to.
        private static let kinds: [(code: Int32, kind: Kind?)] = [
            (-30799, .keyExists), (-30798, .notFound), (-30797, .corrupt), (-30796, .corrupt), (-30795, nil),
            (-30794, .corrupt), (-30793, .corrupt), (-30792, .mapFull), (-30791, nil), (-30790, .readersFull),
            (-30781, nil), (ENOENT, .notFound), (ENOSPC, .outOfSpace), (EFBIG, .outOfSpace),
            (EDQUOT, .outOfSpace),
            (EROFS, .readOnlyFolder), (EACCES, .readOnlyFolder), (EPERM, .readOnlyFolder), (EIO, nil),
            (LMDBError.environmentClosed, .closed), (LMDBError.usedAfterFork, .usedAfterFork),
            (LMDBError.alreadyOpen, .alreadyOpen), (LMDBError.writerReentered, nil),
            (LMDBError.transactionReset, nil),
        ]

        @Test func eachCodeIsOfOneKindAndHasWords() {
            var messages: Set<String> = []
            for (code, kind) in Self.kinds {
                let error = LMDBError(code: code, operation: "test")
                for candidate in Kind.allCases {
                    #expect(candidate.holds(for: error) == (candidate == kind), "\(code) and \(candidate)")
                }
                #expect(!error.message.isEmpty && !error.message.contains("Unknown"))
                messages.insert(error.message)
            }
            #expect(messages.count == Self.kinds.count, "no two codes read alike")
        }

        @Test func onlyACommitsOutcomeCanBeUnknown() {
            let outcomes = [
                (EIO, true), (ENOSPC, false), (ENOMEM, false), (-30792, false), (-30795, true),
            ]
            for (code, unknown) in outcomes {
                #expect(LMDBError(code: code, operation: "commit").isIndeterminate == unknown, "\(code)")
            }
            #expect(!LMDBError(code: EIO, operation: "read").isIndeterminate)
        }

        @Test func aLineSaysWhatWhereAndWhy() {
            let error = LMDBError(code: ENOSPC, operation: "commit", path: "/a/b", detail: "more")
            #expect(String(describing: error) == "lmdb commit /a/b: No space left on device (28); more")
        }
    }
}
