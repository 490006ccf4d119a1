#compdef referral-ledger
# zsh completion for referral-ledger; made by: referral-ledger completions zsh
# Put it as _referral-ledger into a folder of fpath, or source it after compinit.

_referral-ledger() {
    local curcontext="$curcontext" state line
    typeset -A opt_args
    _arguments -C -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1: :->verb' \
        '*:: :->rest'
    case $state in
        verb)
            local -a verbs
            verbs=(
                'init:Creates a ledger with a programme and its first policy version.'
                'record:Records one command, given field by field.'
                'import:Reads a stream of commands in durable groups.'
                'advance:Moves the business clock and does what is due.'
                'policy:Checks, shows, compares and publishes the rules of a programme.'
                'withdrawals:The payout desk\: lists withdrawals, decides them, reports payouts.'
                'review:The fraud desk\: lists what holds money, and decides reviews.'
                'daemon:Holds the ledger open for writing and lets other processes write through it.'
                'status:Shows where the ledger stands.'
                'user:Shows a user\: referrer, stage, codes, money.'
                'tree:Draws the users below a user.'
                'balance:Shows a user'\''s money, one line an asset.'
                'statement:Shows every change of a user'\''s money, oldest first.'
                'rewards:Lists what a user was granted for stages and tiers.'
                'leaderboard:Shows who referred, converted or earned most.'
                'rank:Shows a user'\''s place on a leaderboard.'
                'events:Lists events of the log, one a line.'
                'trace:Shows what a request of the host'\''s made\: all events of a correlation id.'
                'trial-balance:Sums up every kind of account; debits equal credits.'
                'receivables:Lists users who owe the programme, in the order of signup.'
                'budgets:Shows limits of what is granted, and how much of them is used.'
                'parked:Lists facts that wait for another fact.'
                'breaks:Lists the open breaks of provider statements.'
                'explain:Shows how an answer came to be\: events, rules, policy versions.'
                'verify:Re-hashes every record and re-checks every posting.'
                'checkpoint:Signs the log'\''s hash tree, and shows what was signed.'
                'prove:Proves what the log holds.'
                'check-proof:Checks a proof.'
                'replay:Folds the log anew and prints a receipt that anyone can reproduce.'
                're-decide:Runs the recorded facts through the rules again and compares.'
                'correct:Appends the corrections of a proposal of re-decide.'
                'reconcile:Checks the books, life cycles, tree and keys against the log.'
                'rebuild:Folds the views from the log again.'
                'diff:Compares two states\: views with views, or with a fresh fold.'
                'swap:Puts rebuilt views in the place of the live ones, if they may.'
                'bisect:Finds the first event at which two states part.'
                'quarantine:Sets a fact aside\: reverses what it posted, and stops what depends on it.'
                'release:Lets a fact out of quarantine\: it counts again, and what waited takes effect.'
                'doctor:Looks at machine, folder and ledger, and says what to do.'
                'export:Writes the books or the commands for another program, on stdout.'
                'report:Writes one page for an auditor to sign.'
                'backup:Copies the ledger, also while it is written.'
                'restore:Makes a ledger of a backup, in a folder that is not there yet.'
                'compact:Writes the ledger'\''s files anew without their free pages.'
                'simulate:Writes a made-up programme as JSON lines, for tests and benchmarks.'
                'scenario:Plays given / when / then files, each scenario in a fresh ledger.'
                'completions:Writes the completion script of a shell.'
                'man:Writes the manual page of the program or of a verb.'
            )
            _describe -t verbs verb verbs
            ;;
        rest)
            case $line[1] in
                init) _referral-ledger-init ;;
                record) _referral-ledger-record ;;
                import) _referral-ledger-import ;;
                advance) _referral-ledger-advance ;;
                policy) _referral-ledger-policy ;;
                withdrawals) _referral-ledger-withdrawals ;;
                review) _referral-ledger-review ;;
                daemon) _referral-ledger-daemon ;;
                status) _referral-ledger-status ;;
                user) _referral-ledger-user ;;
                tree) _referral-ledger-tree ;;
                balance) _referral-ledger-balance ;;
                statement) _referral-ledger-statement ;;
                rewards) _referral-ledger-rewards ;;
                leaderboard) _referral-ledger-leaderboard ;;
                rank) _referral-ledger-rank ;;
                events) _referral-ledger-events ;;
                trace) _referral-ledger-trace ;;
                trial-balance) _referral-ledger-trial-balance ;;
                receivables) _referral-ledger-receivables ;;
                budgets) _referral-ledger-budgets ;;
                parked) _referral-ledger-parked ;;
                breaks) _referral-ledger-breaks ;;
                explain) _referral-ledger-explain ;;
                verify) _referral-ledger-verify ;;
                checkpoint) _referral-ledger-checkpoint ;;
                prove) _referral-ledger-prove ;;
                check-proof) _referral-ledger-check-proof ;;
                replay) _referral-ledger-replay ;;
                re-decide) _referral-ledger-re-decide ;;
                correct) _referral-ledger-correct ;;
                reconcile) _referral-ledger-reconcile ;;
                rebuild) _referral-ledger-rebuild ;;
                diff) _referral-ledger-diff ;;
                swap) _referral-ledger-swap ;;
                bisect) _referral-ledger-bisect ;;
                quarantine) _referral-ledger-quarantine ;;
                release) _referral-ledger-release ;;
                doctor) _referral-ledger-doctor ;;
                export) _referral-ledger-export ;;
                report) _referral-ledger-report ;;
                backup) _referral-ledger-backup ;;
                restore) _referral-ledger-restore ;;
                compact) _referral-ledger-compact ;;
                simulate) _referral-ledger-simulate ;;
                scenario) _referral-ledger-scenario ;;
                completions) _referral-ledger-completions ;;
                man) _referral-ledger-man ;;
            esac
            ;;
    esac
}

_referral-ledger-init() {
    _arguments -s \
        '--preset=[Rules that come with the program; two-level unless told otherwise.]:NAME:(two-level premium-days tiered)' \
        '--policy=[Rules in JSON; - is stdin.]:FILE:_files' \
        '--asset=[Currency or unit of facts that name none.]:CODE: ' \
        '--programme=[Id of the programme; else the name of its policy.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-record() {
    if [[ $PREFIX == -* ]]; then
        case $words[2] in
            signup) compadd -- --userId --at --country --referrerId --referralCode --email --phone --name --signals.ip --signals.device --signals.paymentMethod --signalHashes.email --signalHashes.phone --signalHashes.ip --signalHashes.device --signalHashes.paymentMethod --key --programme --actor --actorRole --correlationId --causation ;;
            issueCode) compadd -- --userId --at --code --expiresInDays --key --programme --actor --actorRole --correlationId --causation ;;
            applyCode) compadd -- --userId --code --at --key --programme --actor --actorRole --correlationId --causation ;;
            advanceReferral) compadd -- --userId --to --at --key --programme --actor --actorRole --correlationId --causation ;;
            convert) compadd -- --userId --at --key --programme --actor --actorRole --correlationId --causation ;;
            payment) compadd -- --paymentId --provider --userId --amount --currency --at --commissionableBase --key --programme --actor --actorRole --correlationId --causation ;;
            refund) compadd -- --refundId --provider --paymentId --amount --currency --at --refundedTotal --key --programme --actor --actorRole --correlationId --causation ;;
            advance) compadd -- --to --key --programme --actor --actorRole --correlationId --causation ;;
            publishPolicy) compadd -- --preset --effectiveFrom --key --programme --actor --actorRole --correlationId --causation ;;
            createProgramme) compadd -- --programme --asset --at --preset --key --actor --actorRole --correlationId --causation ;;
            refundFailed) compadd -- --refundId --provider --at --key --programme --actor --actorRole --correlationId --causation ;;
            dispute) compadd -- --disputeId --provider --paymentId --status --amount --currency --at --key --programme --actor --actorRole --correlationId --causation ;;
            adjust) compadd -- --userId --amount --currency --reason --approvers --at --key --programme --actor --actorRole --correlationId --causation ;;
            writeOff) compadd -- --userId --amount --currency --reason --approvers --at --key --programme --actor --actorRole --correlationId --causation ;;
            openingBalance) compadd -- --userId --amount --currency --at --key --programme --actor --actorRole --correlationId --causation ;;
            fxRate) compadd -- --base --quote --rate --source --at --key --programme --actor --actorRole --correlationId --causation ;;
            fxConvert) compadd -- --userId --amount --currency --to --at --key --programme --actor --actorRole --correlationId --causation ;;
            fund) compadd -- --amount --currency --reference --at --key --programme --actor --actorRole --correlationId --causation ;;
            remitTax) compadd -- --amount --currency --reference --at --key --programme --actor --actorRole --correlationId --causation ;;
            recordCost) compadd -- --kind --amount --currency --reference --at --key --programme --actor --actorRole --correlationId --causation ;;
            setBudget) compadd -- --amount --currency --period --at --key --programme --actor --actorRole --correlationId --causation ;;
            claim) compadd -- --rewardId --userId --at --key --programme --actor --actorRole --correlationId --causation ;;
            fulfil) compadd -- --rewardId --status --at --key --programme --actor --actorRole --correlationId --causation ;;
            withdraw) compadd -- --withdrawalId --userId --amount --currency --method --at --key --programme --actor --actorRole --correlationId --causation ;;
            decideWithdrawal) compadd -- --withdrawalId --decision --amount --currency --reason --at --key --programme --actor --actorRole --correlationId --causation ;;
            payout) compadd -- --withdrawalId --status --provider --providerRef --kept --currency --at --key --programme --actor --actorRole --correlationId --causation ;;
            kyc) compadd -- --userId --level --decision --documentHash --expiresInDays --at --key --programme --actor --actorRole --correlationId --causation ;;
            suspend) compadd -- --userId --reason --at --key --programme --actor --actorRole --correlationId --causation ;;
            reinstate) compadd -- --userId --at --key --programme --actor --actorRole --correlationId --causation ;;
            closeUser) compadd -- --userId --reason --at --key --programme --actor --actorRole --correlationId --causation ;;
            mergeUsers) compadd -- --userId --intoUserId --approvers --at --key --programme --actor --actorRole --correlationId --causation ;;
            flag) compadd -- --userId --rule --severity --evidence --evidenceHash --rewardId --provider --paymentId --at --key --programme --actor --actorRole --correlationId --causation ;;
            review) compadd -- --reviewId --decision --at --key --programme --actor --actorRole --correlationId --causation ;;
            riskScore) compadd -- --userId --source --score --at --key --programme --actor --actorRole --correlationId --causation ;;
            disableCode) compadd -- --userId --code --at --key --programme --actor --actorRole --correlationId --causation ;;
            reactivateCode) compadd -- --userId --code --expiresInDays --at --key --programme --actor --actorRole --correlationId --causation ;;
            quarantine) compadd -- --provider --paymentId --rewardId --kind --reference --position --reason --approvers --at --key --programme --actor --actorRole --correlationId --causation ;;
            release) compadd -- --provider --paymentId --rewardId --kind --reference --position --reason --approvers --at --key --programme --actor --actorRole --correlationId --causation ;;
            correctAttribution) compadd -- --userId --referrerId --reason --approvers --at --key --programme --actor --actorRole --correlationId --causation ;;
            reconciliation) compadd -- --runId --provider --statement --lines --matched --breaks --at --key --programme --actor --actorRole --correlationId --causation ;;
            openBreak) compadd -- --breakId --runId --rule --kind --subject --since --expected --found --currency --at --key --programme --actor --actorRole --correlationId --causation ;;
            resolveBreak) compadd -- --breakId --runId --reason --at --key --programme --actor --actorRole --correlationId --causation ;;
            correct) compadd -- --at --key --programme --actor --actorRole --correlationId --causation ;;
        esac
    fi
    _arguments -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:TYPE:(signup issueCode applyCode advanceReferral convert payment refund advance publishPolicy createProgramme refundFailed dispute adjust writeOff openingBalance fxRate fxConvert fund remitTax recordCost setBudget claim fulfil withdraw decideWithdrawal payout kyc suspend reinstate closeUser mergeUsers flag review riskScore disableCode reactivateCode quarantine release correctAttribution reconciliation openBreak resolveBreak correct)' \
        '*: :_default'
}

_referral-ledger-import() {
    _arguments -s \
        '--format=[The form of the files.]:NAME:(jsonl csv)' \
        '--map=[For csv\: which column becomes which field.]:FILE:_files' \
        '--import-id=[Names the import in place of the content'\''s SHA-256; needed for stdin.]:ID: ' \
        '--rejects=[Adds each refused line there, as JSON with the reason.]:FILE:_files' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--atomic)--atomic[Records all lines of one file in one transaction, or nothing.]' \
        '(--dry-run)--dry-run[Decides all lines, says what would come of them, and records nothing.]' \
        '(--retry-refused)--retry-refused[Decides lines again that an earlier run has passed.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '*:FILE:_files'
}

_referral-ledger-advance() {
    _arguments -s \
        '--to=[Where the clock goes; else to now.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-policy() {
    local curcontext="$curcontext" state line
    typeset -A opt_args
    _arguments -C -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1: :->verb' \
        '*:: :->rest'
    case $state in
        verb)
            local -a verbs
            verbs=(
                'check:Says what is wrong with a policy file.'
                'show:Writes the policy that rules a moment, as JSON.'
                'diff:Shows in which fields two policies differ.'
                'publish:Publishes a new policy version.'
            )
            _describe -t verbs verb verbs
            ;;
        rest)
            case $line[1] in
                check) _referral-ledger-policy-check ;;
                show) _referral-ledger-policy-show ;;
                diff) _referral-ledger-policy-diff ;;
                publish) _referral-ledger-policy-publish ;;
            esac
            ;;
    esac
}

_referral-ledger-policy-check() {
    _arguments -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:FILE:_files'
}

_referral-ledger-policy-show() {
    _arguments -s \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--effective=[The version that rules this business time; else the latest.]:TIME: ' \
        '--preset=[A preset, without a ledger.]:NAME:(two-level premium-days tiered)' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-policy-diff() {
    _arguments -s \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:A:_files' \
        '2:B:_files'
}

_referral-ledger-policy-publish() {
    _arguments -s \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--effective=[From when it rules, by business time; else from now.]:TIME: ' \
        '--key=[Idempotency key\: publishing again with it changes nothing.]:KEY: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:FILE:_files'
}

_referral-ledger-withdrawals() {
    local curcontext="$curcontext" state line
    typeset -A opt_args
    _arguments -C -s \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1: :->verb' \
        '*:: :->rest'
    case $state in
        verb)
            local -a verbs
            verbs=(
                'list:Lists withdrawals, oldest first.'
                'approve:Approves a withdrawal\: it may be sent.'
                'reject:Rejects a withdrawal\: the money is available again.'
                'cancel:Cancels a withdrawal for its user\: the money is available again.'
                'reduce:Reduces a withdrawal\: what is taken off is available again.'
                'sent:Reports that a provider carries the payout\: fee and tax are charged.'
                'settled:Reports that the money has arrived.'
                'failed:Reports that the payout failed\: the money is available again.'
                'returned:Reports that the money came back later\: it is available again.'
            )
            _describe -t verbs verb verbs
            ;;
        rest)
            case $line[1] in
                list) _referral-ledger-withdrawals-list ;;
                approve) _referral-ledger-withdrawals-approve ;;
                reject) _referral-ledger-withdrawals-reject ;;
                cancel) _referral-ledger-withdrawals-cancel ;;
                reduce) _referral-ledger-withdrawals-reduce ;;
                sent) _referral-ledger-withdrawals-sent ;;
                settled) _referral-ledger-withdrawals-settled ;;
                failed) _referral-ledger-withdrawals-failed ;;
                returned) _referral-ledger-withdrawals-returned ;;
            esac
            ;;
    esac
}

_referral-ledger-withdrawals-list() {
    _arguments -s \
        '*--state=[Only withdrawals of this state.]:STATE:(requested partlyApproved approved sent settled failed returned rejected cancelled expired)' \
        '--user=[Only this user'\''s.]:ID: ' \
        '--limit=[Withdrawals at most.]:N: ' \
        '--after=[Only those after this position\: the last one of the page before.]:POSITION: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--method)--method[Shows where the money goes.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-withdrawals-approve() {
    _arguments -s \
        '--actor=[Who decides.]:NAME: ' \
        '--reason=[Why.]:TEXT: ' \
        '--at=[The business moment; else now. The same call with the same time changes nothing.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-withdrawals-reject() {
    _arguments -s \
        '--actor=[Who decides.]:NAME: ' \
        '--reason=[Why.]:TEXT: ' \
        '--at=[The business moment; else now. The same call with the same time changes nothing.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-withdrawals-cancel() {
    _arguments -s \
        '--actor=[Who decides.]:NAME: ' \
        '--reason=[Why.]:TEXT: ' \
        '--at=[The business moment; else now. The same call with the same time changes nothing.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-withdrawals-reduce() {
    _arguments -s \
        '--actor=[Who decides.]:NAME: ' \
        '--reason=[Why.]:TEXT: ' \
        '--at=[The business moment; else now. The same call with the same time changes nothing.]:TIME: ' \
        '--amount=[What stays, in the withdrawal'\''s currency.]:AMOUNT: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-withdrawals-sent() {
    _arguments -s \
        '--provider=[Who carries the payout.]:NAME: ' \
        '--ref=[The provider'\''s own reference.]:TEXT: ' \
        '--actor=[Who reports it, when a person does.]:NAME: ' \
        '--at=[The business moment; else now. The same call with the same time changes nothing.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-withdrawals-settled() {
    _arguments -s \
        '--provider=[Who carries the payout.]:NAME: ' \
        '--ref=[The provider'\''s own reference.]:TEXT: ' \
        '--actor=[Who reports it, when a person does.]:NAME: ' \
        '--at=[The business moment; else now. The same call with the same time changes nothing.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-withdrawals-failed() {
    _arguments -s \
        '--provider=[Who carries the payout.]:NAME: ' \
        '--ref=[The provider'\''s own reference.]:TEXT: ' \
        '--actor=[Who reports it, when a person does.]:NAME: ' \
        '--at=[The business moment; else now. The same call with the same time changes nothing.]:TIME: ' \
        '--kept=[What the bank keeps of it, in the withdrawal'\''s currency.]:AMOUNT: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-withdrawals-returned() {
    _arguments -s \
        '--provider=[Who carries the payout.]:NAME: ' \
        '--ref=[The provider'\''s own reference.]:TEXT: ' \
        '--actor=[Who reports it, when a person does.]:NAME: ' \
        '--at=[The business moment; else now. The same call with the same time changes nothing.]:TIME: ' \
        '--kept=[What the bank keeps of it, in the withdrawal'\''s currency.]:AMOUNT: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-review() {
    local curcontext="$curcontext" state line
    typeset -A opt_args
    _arguments -C -s \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1: :->verb' \
        '*:: :->rest'
    case $state in
        verb)
            local -a verbs
            verbs=(
                'list:Lists reviews, oldest first, with what they hold.'
                'decide:Decides a review\: its user goes on, or what it holds is taken back.'
            )
            _describe -t verbs verb verbs
            ;;
        rest)
            case $line[1] in
                list) _referral-ledger-review-list ;;
                decide) _referral-ledger-review-decide ;;
            esac
            ;;
    esac
}

_referral-ledger-review-list() {
    _arguments -s \
        '--kind=[What is listed.]:KIND:(dispute review suspension closure all)' \
        '--user=[Only what is about this user.]:ID: ' \
        '--limit=[Cases at most.]:N: ' \
        '--after=[Only those after this position\: the last one of the page before.]:POSITION: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--all)--all[Lists what is decided, too.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-review-decide() {
    _arguments -s \
        '--actor=[Who decides; not the user.]:NAME: ' \
        '--at=[The business moment; else now. The same call with the same time changes nothing.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: ' \
        '2:DECISION:(clear confirm)'
}

_referral-ledger-daemon() {
    _arguments -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-status() {
    _arguments -s \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-user() {
    _arguments -s \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-tree() {
    _arguments -s \
        '--depth=[Levels below the user; else all.]:N: ' \
        '--width=[Referees drawn of one user; else all.]:N: ' \
        '--format=[How it is written.]:NAME:(text dot json)' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-balance() {
    _arguments -s \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--asset=[Only this currency or unit.]:CODE: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-statement() {
    _arguments -s \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--asset=[Only this currency or unit.]:CODE: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-rewards() {
    _arguments -s \
        '*--state=[Only rewards of this state.]:STATE:(pending held partlyHeld available partlyUsed used claimable claimed fulfilled repaid expired revoked quarantined)' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-leaderboard() {
    _arguments -s \
        '--limit=[Places shown.]:N: ' \
        '--by=[What is counted.]:METRIC:(referrals conversions earnings)' \
        '--period=[all, week or month (the current ones), a month as 2010-12, or the week that holds a day, as 2010-12-24.]:PERIOD: ' \
        '--asset=[Only this currency or unit.]:CODE: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-rank() {
    _arguments -s \
        '--by=[What is counted.]:METRIC:(referrals conversions earnings)' \
        '--period=[all, week or month (the current ones), a month as 2010-12, or the week that holds a day, as 2010-12-24.]:PERIOD: ' \
        '--asset=[Only this currency or unit.]:CODE: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-events() {
    _arguments -s \
        '--from=[Begin here.]:POSITION|TIME: ' \
        '--to=[End here.]:POSITION|TIME: ' \
        '*--type=[Only events of this type.]:NAME:(LedgerCreated ProgrammeCreated PeriodClosed PolicyPublished SymbolDefined ClockAdvanced CodeIssued CodeExpired UserSignedUp ReferralAttributed AttributionRejected ReferralAdvanced ReferralExpired ReferralReverted ReferralConverted PaymentReceived RefundReceived EventParked EventUnparked CommissionEarned RewardMatured CommissionReversed BudgetSet BudgetExhausted CodeDisabled CodeReactivated UserSuspended UserReinstated UserClosed UsersMerged BalanceMerged BalanceForfeited RewardHeld RefundFailed DisputeOpened DisputeWon DisputeLost RewardReleased RewardGranted RewardRevoked RewardClaimed RewardFulfilled FulfilmentFailed RewardExpired TierChanged BadgeAwarded BadgeRevoked CommissionRestored KycSubmitted KycDecided KycExpired WithdrawalRequested WithdrawalApproved WithdrawalReduced WithdrawalRejected WithdrawalCancelled WithdrawalExpired PayoutSent TaxWithheld FeeCharged PayoutSettled PayoutFailed PayoutReturned TaxRemitted CashFunded CostRecorded FraudFlagged RiskScoreReported ReviewDecided AdjustmentPosted DebtWrittenOff OpeningBalance FxRateRecorded FxConverted AttributionCorrected EventQuarantined EventReleased ReconciliationRun BreakOpened BreakResolved CorrectionApplied ImportProgressed)' \
        '--user=[Only events that concern this user.]:ID: ' \
        '--limit=[Events at most.]:N: ' \
        '--programme=[Only events of this programme.]:ID: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--follow)--follow[Wait for further events.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-trace() {
    _arguments -s \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme of page and proofs; needed when the ledger has several.]:ID: ' \
        '--html=[Writes a page that needs nothing beside it.]:FILE:_files' \
        '--proofs=[Writes a proof for each record that steps name.]:DIR:_files -/' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:CORRELATION: '
}

_referral-ledger-trial-balance() {
    _arguments -s \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-receivables() {
    _arguments -s \
        '--asset=[Only this currency or unit.]:CODE: ' \
        '--limit=[Users at most.]:N: ' \
        '--after=[The next of the page before.]:N: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[Only this programme'\''s.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-budgets() {
    _arguments -s \
        '--user=[Whose use of limits of each user is shown.]:ID: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-parked() {
    _arguments -s \
        '--limit=[Facts listed.]:N: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-breaks() {
    _arguments -s \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--provider=[Only this provider'\''s.]:NAME: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--all)--all[Those that are resolved, too.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-explain() {
    local curcontext="$curcontext" state line
    typeset -A opt_args
    _arguments -C -s \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--html=[Writes a page that needs nothing beside it.]:FILE:_files' \
        '--proofs=[Writes a proof for each record that steps name.]:DIR:_files -/' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1: :->verb' \
        '*:: :->rest'
    case $state in
        verb)
            local -a verbs
            verbs=(
                'balance:Explains a user'\''s money.'
                'tier:Explains a user'\''s tier.'
                'rank:Explains a user'\''s place on the leaderboard of all time.'
                'reward:Explains a reward\: a grant, or a level of a payment'\''s commission.'
                'parked:Explains a fact that waits for its predecessor, or waited.'
            )
            _describe -t verbs verb verbs
            ;;
        rest)
            case $line[1] in
                balance) _referral-ledger-explain-balance ;;
                tier) _referral-ledger-explain-tier ;;
                rank) _referral-ledger-explain-rank ;;
                reward) _referral-ledger-explain-reward ;;
                parked) _referral-ledger-explain-parked ;;
            esac
            ;;
    esac
}

_referral-ledger-explain-balance() {
    _arguments -s \
        '--asset=[Only this currency or unit.]:CODE: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--html=[Writes a page that needs nothing beside it.]:FILE:_files' \
        '--proofs=[Writes a proof for each record that steps name.]:DIR:_files -/' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-explain-tier() {
    _arguments -s \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--html=[Writes a page that needs nothing beside it.]:FILE:_files' \
        '--proofs=[Writes a proof for each record that steps name.]:DIR:_files -/' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-explain-rank() {
    _arguments -s \
        '--by=[What is counted.]:WHAT:(conversions referrals earnings)' \
        '--asset=[Only this currency or unit.]:CODE: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--html=[Writes a page that needs nothing beside it.]:FILE:_files' \
        '--proofs=[Writes a proof for each record that steps name.]:DIR:_files -/' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:ID: '
}

_referral-ledger-explain-reward() {
    _arguments -s \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--html=[Writes a page that needs nothing beside it.]:FILE:_files' \
        '--proofs=[Writes a proof for each record that steps name.]:DIR:_files -/' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:KEY: '
}

_referral-ledger-explain-parked() {
    _arguments -s \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time.]:TIME: ' \
        '--html=[Writes a page that needs nothing beside it.]:FILE:_files' \
        '--proofs=[Writes a proof for each record that steps name.]:DIR:_files -/' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:KEY: '
}

_referral-ledger-verify() {
    _arguments -s \
        '--from=[A checkpoint'\''s file\: the log must begin with it.]:CHECKPOINT:_files' \
        '*--key=[A key that is trusted\: NAME+ID+BASE64.]:VKEY: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-checkpoint() {
    local curcontext="$curcontext" state line
    typeset -A opt_args
    _arguments -C -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1: :->verb' \
        '*:: :->rest'
    case $state in
        verb)
            local -a verbs
            verbs=(
                'new-key:Makes a key that signs checkpoints.'
                'vkey:Writes the key that others verify with.'
                'sign:Signs the log as it is.'
                'cosign:Adds a witness'\''s signature to a checkpoint.'
                'show:Shows a checkpoint, and whether it holds.'
            )
            _describe -t verbs verb verbs
            ;;
        rest)
            case $line[1] in
                new-key) _referral-ledger-checkpoint-new-key ;;
                vkey) _referral-ledger-checkpoint-vkey ;;
                sign) _referral-ledger-checkpoint-sign ;;
                cosign) _referral-ledger-checkpoint-cosign ;;
                show) _referral-ledger-checkpoint-show ;;
            esac
            ;;
    esac
}

_referral-ledger-checkpoint-new-key() {
    _arguments -s \
        '--out=[Where the secret goes; never overwritten.]:FILE:_files' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--witness)--witness[For cosignatures, which state their time.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:NAME: '
}

_referral-ledger-checkpoint-vkey() {
    _arguments -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:FILE:_files'
}

_referral-ledger-checkpoint-sign() {
    _arguments -s \
        '--key=[The signing key'\''s file, of '\''checkpoint new-key'\''.]:FILE:_files' \
        '--origin=[The log'\''s name in the checkpoint; else the key'\''s.]:TEXT: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-checkpoint-cosign() {
    _arguments -s \
        '--key=[The signing key'\''s file, of '\''checkpoint new-key'\''.]:FILE:_files' \
        '--log-key=[The log'\''s key.]:VKEY: ' \
        '--old=[The checkpoint cosigned before.]:FILE:_files' \
        '--proof=[The proof from it\: what '\''prove consistency'\'' wrote.]:FILE:_files' \
        '--time=[The time stated, since 1970; else now.]:SECONDS: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1::FILE:_files'
}

_referral-ledger-checkpoint-show() {
    _arguments -s \
        '*--key=[A key that is trusted\: NAME+ID+BASE64.]:VKEY: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1::FILE:_files'
}

_referral-ledger-prove() {
    local curcontext="$curcontext" state line
    typeset -A opt_args
    _arguments -C -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1: :->verb' \
        '*:: :->rest'
    case $state in
        verb)
            local -a verbs
            verbs=(
                'inclusion:Proves that the event at a position is in the log.'
                'consistency:Proves that the log of one time is the beginning of the log of another.'
            )
            _describe -t verbs verb verbs
            ;;
        rest)
            case $line[1] in
                inclusion) _referral-ledger-prove-inclusion ;;
                consistency) _referral-ledger-prove-consistency ;;
            esac
            ;;
    esac
}

_referral-ledger-prove-inclusion() {
    _arguments -s \
        '--checkpoint=[The checkpoint; else the one kept in the ledger.]:FILE:_files' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--without-record)--without-record[Leave the record out\: it is given by other means.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:POS: '
}

_referral-ledger-prove-consistency() {
    _arguments -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:A: ' \
        '2:B: '
}

_referral-ledger-check-proof() {
    _arguments -s \
        '*--key=[A key that is trusted\: NAME+ID+BASE64.]:VKEY: ' \
        '--old=[Of a consistency proof\: the older checkpoint.]:FILE:_files' \
        '--record=[Of an inclusion proof\: the stored record, when the proof holds none.]:FILE:_files' \
        '--origin=[The log'\''s name in its checkpoints; else the first key'\''s.]:TEXT: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:FILE:_files'
}

_referral-ledger-replay() {
    _arguments -s \
        '--to=[Where to stop, at the last whole record at or before it; else at the end.]:POS: ' \
        '--digest-every=[A digest after every N events, too.]:N: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-re-decide() {
    _arguments -s \
        '--policy=[Rules in place of all that the programme had; - is stdin.]:FILE:_files' \
        '--from=[Facts recorded from here on; what is before stands as it is.]:POS: ' \
        '--out=[Where the proposal goes.]:FILE:_files' \
        '--at=[The business moment of the correction; else now.]:TIME: ' \
        '--limit=[Differences listed as text; totals are always whole.]:N: ' \
        '--keep=[Leaves the ledger that the rules lead to in this new folder.]:DIR:_files -/' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-correct() {
    _arguments -s \
        '--approved-by=[Who approves it; none of the users concerned.]:NAME: ' \
        '--expect-head=[The position that '\''status'\'' shows, and the proposal was made at.]:POS: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:FILE:_files'
}

_referral-ledger-reconcile() {
    _arguments -s \
        '--limit=[Breaks listed of each check; totals are always whole.]:N: ' \
        '--statement=[A provider'\''s settlement file, to compare with.]:FILE:_files' \
        '--map=[Which column of it is what; without one its form is recognised.]:FILE:_files' \
        '--provider=[The provider, as facts name it; else as the form or map says.]:NAME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--tolerance=[Minor units by which amounts may differ.]:MINOR: ' \
        '--timing=[Hours by which moments may differ.]:HOURS: ' \
        '--grace=[Days before its end in which what is missing is on its way.]:DAYS: ' \
        '--match=[The ladder, of\: id,reference,payment,amount-day,amount-near; else all.]:KEYS: ' \
        '--from=[The begin of the statement'\''s period; else its first line.]:TIME: ' \
        '--through=[The end of the statement'\''s period; else its last line.]:TIME: ' \
        '--as-of=[The moment that ages count to; else the end of the period.]:TIME: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--record)--record[Records the run over --statement and its breaks as events.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-rebuild() {
    _arguments -s \
        '--jobs=[Core and views in turn at 1, else at once.]:N: ' \
        '--checkpoint-every=[With --side-by-side\: events between checkpoints.]:N: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--side-by-side)--side-by-side[New views beside the live ones, in views.next/.]' \
        '(--resume)--resume[Goes on with a rebuild beside that was stopped.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-diff() {
    _arguments -s \
        '--to=[At an earlier position.]:POS: ' \
        '--limit=[Lines listed as text; totals are always whole.]:N: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:A: ' \
        '2:B: '
}

_referral-ledger-swap() {
    _arguments -s \
        '--approve=[The hash that diff has shown.]:HASH: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--require-equal)--require-equal[Only when nothing differs.]' \
        '(--back)--back[Puts back what the last swap has put aside.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-bisect() {
    _arguments -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:A: ' \
        '2:B: '
}

_referral-ledger-quarantine() {
    _arguments -s \
        '--reason=[Why.]:TEXT: ' \
        '--approved-by=[Who approves; nobody whose money it moves.]:NAME: ' \
        '--at=[The business moment; else now. The same call with the same time changes nothing.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:POSITION: '
}

_referral-ledger-release() {
    _arguments -s \
        '--reason=[Why.]:TEXT: ' \
        '--approved-by=[Who approves; nobody whose money it moves.]:NAME: ' \
        '--at=[The business moment; else now. The same call with the same time changes nothing.]:TIME: ' \
        '--programme=[The programme; needed when the ledger has several.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:POSITION: '
}

_referral-ledger-doctor() {
    _arguments -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-export() {
    _arguments -s \
        '--format=[For which program.]:NAME:(hledger ledger beancount csv jsonl tiles)' \
        '--at=[The state at a past position, or of what was recorded up to a time.]:POSITION|TIME: ' \
        '--effective=[Only what had happened by then, by business time; not for jsonl and tiles.]:TIME: ' \
        '--programme=[Only this programme'\''s books.]:ID: ' \
        '--out=[Of tiles\: the folder they go to.]:DIR:_files -/' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-report() {
    _arguments -s \
        '--from=[The begin of the period of charts and statements; else the first fact.]:TIME: ' \
        '--through=[The end of that period; else the last fact.]:TIME: ' \
        '--checkpoint=[A signed checkpoint of the log, to be shown; else the one signed last.]:FILE:_files' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:FILE:_files'
}

_referral-ledger-backup() {
    _arguments -s \
        '--keys=[Copies the keys of personal data there.]:DIR:_files -/' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--verify)--verify[Checks the copy from first to last record; notes its state digest and root.]' \
        '(--views)--views[Takes the views along, so that the restored ledger opens at once.]' \
        '(--compact)--compact[Leaves out free pages; takes longer.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:DIR:_files -/'
}

_referral-ledger-restore() {
    _arguments -s \
        '--keys=[The copy of the keys; without it the ledger can only be read.]:DIR:_files -/' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--verify)--verify[Checks all of it before it appears.]' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:DIR:_files -/'
}

_referral-ledger-compact() {
    _arguments -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-simulate() {
    _arguments -s \
        '--users=[Signups.]:N: ' \
        '--payments=[Payments.]:N: ' \
        '--seed=[Another one, another programme.]:S: ' \
        '--asset=[Of every payment; what tiered grants and pays out is INR.]:CODE: ' \
        '--preset=[The rules that the lines are to keep.]:NAME:(two-level premium-days tiered)' \
        '--advance=[How often the business clock is moved.]:EVERY:(week month)' \
        '--programme=[Written into each line when given.]:ID: ' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]'
}

_referral-ledger-scenario() {
    _arguments -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '*:FILE:_files'
}

_referral-ledger-completions() {
    _arguments -s \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '1:SHELL:(bash zsh fish)'
}

_referral-ledger-man() {
    _arguments -s \
        '--into=[Writes all pages there, and none to stdout.]:DIR:_files -/' \
        '--ledger=[Folder of the ledger.]:DIR:_files -/' \
        '(--json)--json[Write the whole answer as JSON.]' \
        '(-q --quiet)-q[No progress and no messages but errors.]' \
        '(-q --quiet)--quiet[No progress and no messages but errors.]' \
        '(-h --help)-h[Show this help and end.]' \
        '(-h --help)--help[Show this help and end.]' \
        '(--version)--version[Show the version and end.]' \
        '*:VERB: '
}

if [ "$funcstack[1]" = "_referral-ledger" ]; then
    _referral-ledger "$@"
else
    compdef _referral-ledger referral-ledger
fi
