extension Verb {
    /// Mistakes in the tree that would confuse parser, help or completions: empty when it is sound.
    ///
    /// For the test of the real tree; costs nothing at run time.
    func problems() -> [String] {
        problems(path: name, inherited: GlobalOptions.options.map(\.name) + GlobalOptions.flags.map(\.name))
    }

    private func problems(path: String, inherited: [String]) -> [String] {
        var found: [String] = []
        func expect(_ condition: Bool, _ problem: String) {
            if !condition { found.append("\(path): \(problem)") }
        }
        let own = options.map(\.name) + flags.map(\.name)
        expect(
            name == name.lowercased() && !name.contains(" ") && !name.isEmpty, "name is not a lower-case word"
        )
        expect(abstract.hasSuffix("."), "abstract without full stop")
        expect(!examples.isEmpty, "no example")
        expect(
            examples.allSatisfy {
                $0.line.hasPrefix("referral-ledger") || $0.line.contains("| referral-ledger")
            },
            "an example does not call the program")
        expect(Set(own).count == own.count, "an option is declared twice")
        expect(Set(own).isDisjoint(with: inherited), "an option hides one of the group or a global one")
        let verbs = subcommands.map(\.name)
        expect(Set(verbs).count == verbs.count, "a verb is declared twice")
        let letters = (flags + GlobalOptions.flags).compactMap(\.letter)
        expect(Set(letters).count == letters.count, "a letter stands for two flags")
        expect((action == nil) == !subcommands.isEmpty, "neither a verb nor a group")
        for group in exclusive {
            expect(
                group.count > 1 && Set(group).isSubset(of: own), "exclusive names are not options of the verb"
            )
        }
        for (argument, next) in zip(arguments, arguments.dropFirst()) {
            expect(!argument.isRepeating, "\(argument.name) repeats but is not the last argument")
            expect(
                argument.isRequired || !next.isRequired, "\(next.name) is required after an optional argument"
            )
        }
        for option in options {
            expect(option.abstract.hasSuffix("."), "--\(option.name): abstract without full stop")
            expect(
                option.defaultValue.map { option.kind.allows($0) } ?? true, "--\(option.name): bad default")
        }
        return found
            + subcommands.flatMap { $0.problems(path: "\(path) \($0.name)", inherited: inherited + own) }
    }
}

extension Verb.ValueKind {
    /// Whether a value is of this kind.
    func allows(_ value: String) -> Bool {
        (try? check(value, of: "value")) != nil
    }
}
