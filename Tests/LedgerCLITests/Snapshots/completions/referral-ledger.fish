# fish completion for referral-ledger; made by: referral-ledger completions fish
# Put it into ~/.config/fish/completions, or source it.

# True when the verbs on the command line are those of the first argument. The second, when given, is
# the word that must stand first behind them, or with # the number of words behind them.
function __fish_referral_ledger_path
    set -l path referral-ledger
    set -l skip 0
    set -l rest
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case '--*=*'
                continue
            case '--*'
                contains -- (string sub -s 3 -- $word) actor advance after amount approve approved-by as-of asset at by checkpoint checkpoint-every depth digest-every effective expect-head format from grace html import-id into jobs keep kept key keys kind ledger limit log-key map match old origin out payments period policy preset programme proof proofs provider reason record ref rejects seed state statement through time timing to tolerance type user users width; and set skip 1
                continue
            case '-?*'
                continue
        end
        switch $path
                case 'referral-ledger'
                    contains -- $word init record import advance policy withdrawals review daemon status user tree balance statement rewards leaderboard rank events trace trial-balance receivables budgets parked breaks explain verify checkpoint prove check-proof replay re-decide correct reconcile rebuild diff swap bisect quarantine release doctor export report backup restore compact simulate scenario completions man; and set path "$path $word"; and continue
                case 'referral-ledger policy'
                    contains -- $word check show diff publish; and set path "$path $word"; and continue
                case 'referral-ledger withdrawals'
                    contains -- $word list approve reject cancel reduce sent settled failed returned; and set path "$path $word"; and continue
                case 'referral-ledger review'
                    contains -- $word list decide; and set path "$path $word"; and continue
                case 'referral-ledger explain'
                    contains -- $word balance tier rank reward parked; and set path "$path $word"; and continue
                case 'referral-ledger checkpoint'
                    contains -- $word new-key vkey sign cosign show; and set path "$path $word"; and continue
                case 'referral-ledger prove'
                    contains -- $word inclusion consistency; and set path "$path $word"; and continue
            end
        set -a rest $word
    end
    test "$path" = "$argv[1]"; or return 1
    switch "$argv[2]"
        case ''
            return 0
        case '#*'
            test (count $rest) -ge (string sub -s 2 -- $argv[2]); or return 1
            test "$argv[3]" = more; or test (count $rest) -eq (string sub -s 2 -- $argv[2])
        case '*'
            test "$rest[1]" = "$argv[2]"
    end
end

complete -c referral-ledger -f
complete -c referral-ledger -l ledger -x -a '(__fish_complete_directories (commandline -ct))' -d 'Folder of the ledger.'
complete -c referral-ledger -l json -d 'Write the whole answer as JSON.'
complete -c referral-ledger -s q -l quiet -d 'No progress and no messages but errors.'
complete -c referral-ledger -s h -l help -d 'Show this help and end.'
complete -c referral-ledger -l version -d 'Show the version and end.'

# referral-ledger
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a init -d 'Creates a ledger with a programme and its first policy version.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a record -d 'Records one command, given field by field.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a import -d 'Reads a stream of commands in durable groups.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a advance -d 'Moves the business clock and does what is due.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a policy -d 'Checks, shows, compares and publishes the rules of a programme.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a withdrawals -d 'The payout desk: lists withdrawals, decides them, reports payouts.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a review -d 'The fraud desk: lists what holds money, and decides reviews.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a daemon -d 'Holds the ledger open for writing and lets other processes write through it.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a status -d 'Shows where the ledger stands.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a user -d 'Shows a user: referrer, stage, codes, money.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a tree -d 'Draws the users below a user.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a balance -d 'Shows a user\'s money, one line an asset.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a statement -d 'Shows every change of a user\'s money, oldest first.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a rewards -d 'Lists what a user was granted for stages and tiers.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a leaderboard -d 'Shows who referred, converted or earned most.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a rank -d 'Shows a user\'s place on a leaderboard.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a events -d 'Lists events of the log, one a line.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a trace -d 'Shows what a request of the host\'s made: all events of a correlation id.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a trial-balance -d 'Sums up every kind of account; debits equal credits.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a receivables -d 'Lists users who owe the programme, in the order of signup.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a budgets -d 'Shows limits of what is granted, and how much of them is used.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a parked -d 'Lists facts that wait for another fact.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a breaks -d 'Lists the open breaks of provider statements.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a explain -d 'Shows how an answer came to be: events, rules, policy versions.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a verify -d 'Re-hashes every record and re-checks every posting.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a checkpoint -d 'Signs the log\'s hash tree, and shows what was signed.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a prove -d 'Proves what the log holds.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a check-proof -d 'Checks a proof.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a replay -d 'Folds the log anew and prints a receipt that anyone can reproduce.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a re-decide -d 'Runs the recorded facts through the rules again and compares.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a correct -d 'Appends the corrections of a proposal of re-decide.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a reconcile -d 'Checks the books, life cycles, tree and keys against the log.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a rebuild -d 'Folds the views from the log again.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a diff -d 'Compares two states: views with views, or with a fresh fold.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a swap -d 'Puts rebuilt views in the place of the live ones, if they may.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a bisect -d 'Finds the first event at which two states part.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a quarantine -d 'Sets a fact aside: reverses what it posted, and stops what depends on it.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a release -d 'Lets a fact out of quarantine: it counts again, and what waited takes effect.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a doctor -d 'Looks at machine, folder and ledger, and says what to do.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a export -d 'Writes the books or the commands for another program, on stdout.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a report -d 'Writes one page for an auditor to sign.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a backup -d 'Copies the ledger, also while it is written.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a restore -d 'Makes a ledger of a backup, in a folder that is not there yet.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a compact -d 'Writes the ledger\'s files anew without their free pages.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a simulate -d 'Writes a made-up programme as JSON lines, for tests and benchmarks.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a scenario -d 'Plays given / when / then files, each scenario in a fresh ledger.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a completions -d 'Writes the completion script of a shell.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a man -d 'Writes the manual page of the program or of a verb.'

# referral-ledger init
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger init'" -l preset -x -a 'two-level premium-days tiered' -d 'Rules that come with the program; two-level unless told otherwise.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger init'" -l policy -r -F -d 'Rules in JSON; - is stdin.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger init'" -l asset -x -d 'Currency or unit of facts that name none.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger init'" -l programme -x -d 'Id of the programme; else the name of its policy.'

# referral-ledger record
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' '#0'" -a 'signup issueCode applyCode advanceReferral convert payment refund advance publishPolicy createProgramme refundFailed dispute adjust writeOff openingBalance fxRate fxConvert fund remitTax recordCost setBudget claim fulfil withdraw decideWithdrawal payout kyc suspend reinstate closeUser mergeUsers flag review riskScore disableCode reactivateCode quarantine release correctAttribution reconciliation openBreak resolveBreak correct'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l country
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l referrerId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l referralCode
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l email
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l phone
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l name
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l signals.ip
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l signals.device
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l signals.paymentMethod
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l signalHashes.email
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l signalHashes.phone
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l signalHashes.ip
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l signalHashes.device
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l signalHashes.paymentMethod
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' signup" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' issueCode" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' issueCode" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' issueCode" -x -l code
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' issueCode" -x -l expiresInDays
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' issueCode" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' issueCode" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' issueCode" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' issueCode" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' issueCode" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' issueCode" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' applyCode" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' applyCode" -x -l code
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' applyCode" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' applyCode" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' applyCode" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' applyCode" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' applyCode" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' applyCode" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' applyCode" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advanceReferral" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advanceReferral" -x -l to
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advanceReferral" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advanceReferral" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advanceReferral" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advanceReferral" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advanceReferral" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advanceReferral" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advanceReferral" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' convert" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' convert" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' convert" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' convert" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' convert" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' convert" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' convert" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' convert" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l paymentId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l provider
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l commissionableBase
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payment" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l refundId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l provider
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l paymentId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l refundedTotal
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refund" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advance" -x -l to
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advance" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advance" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advance" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advance" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advance" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' advance" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' publishPolicy" -x -l preset
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' publishPolicy" -x -l effectiveFrom
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' publishPolicy" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' publishPolicy" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' publishPolicy" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' publishPolicy" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' publishPolicy" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' publishPolicy" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' createProgramme" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' createProgramme" -x -l asset
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' createProgramme" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' createProgramme" -x -l preset
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' createProgramme" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' createProgramme" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' createProgramme" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' createProgramme" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' createProgramme" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refundFailed" -x -l refundId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refundFailed" -x -l provider
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refundFailed" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refundFailed" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refundFailed" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refundFailed" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refundFailed" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refundFailed" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' refundFailed" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l disputeId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l provider
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l paymentId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l status
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' dispute" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l reason
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l approvers
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' adjust" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l reason
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l approvers
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' writeOff" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openingBalance" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openingBalance" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openingBalance" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openingBalance" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openingBalance" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openingBalance" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openingBalance" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openingBalance" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openingBalance" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openingBalance" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxRate" -x -l base
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxRate" -x -l quote
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxRate" -x -l rate
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxRate" -x -l source
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxRate" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxRate" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxRate" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxRate" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxRate" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxRate" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxRate" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxConvert" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxConvert" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxConvert" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxConvert" -x -l to
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxConvert" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxConvert" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxConvert" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxConvert" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxConvert" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxConvert" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fxConvert" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fund" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fund" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fund" -x -l reference
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fund" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fund" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fund" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fund" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fund" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fund" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fund" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' remitTax" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' remitTax" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' remitTax" -x -l reference
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' remitTax" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' remitTax" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' remitTax" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' remitTax" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' remitTax" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' remitTax" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' remitTax" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' recordCost" -x -l kind
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' recordCost" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' recordCost" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' recordCost" -x -l reference
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' recordCost" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' recordCost" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' recordCost" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' recordCost" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' recordCost" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' recordCost" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' recordCost" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' setBudget" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' setBudget" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' setBudget" -x -l period
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' setBudget" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' setBudget" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' setBudget" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' setBudget" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' setBudget" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' setBudget" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' setBudget" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' claim" -x -l rewardId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' claim" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' claim" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' claim" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' claim" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' claim" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' claim" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' claim" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' claim" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fulfil" -x -l rewardId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fulfil" -x -l status
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fulfil" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fulfil" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fulfil" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fulfil" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fulfil" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fulfil" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' fulfil" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l withdrawalId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l method
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' withdraw" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l withdrawalId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l decision
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l amount
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l reason
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' decideWithdrawal" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l withdrawalId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l status
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l provider
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l providerRef
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l kept
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' payout" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l level
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l decision
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l documentHash
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l expiresInDays
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' kyc" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' suspend" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' suspend" -x -l reason
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' suspend" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' suspend" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' suspend" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' suspend" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' suspend" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' suspend" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' suspend" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reinstate" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reinstate" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reinstate" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reinstate" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reinstate" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reinstate" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reinstate" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reinstate" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' closeUser" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' closeUser" -x -l reason
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' closeUser" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' closeUser" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' closeUser" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' closeUser" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' closeUser" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' closeUser" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' closeUser" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' mergeUsers" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' mergeUsers" -x -l intoUserId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' mergeUsers" -x -l approvers
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' mergeUsers" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' mergeUsers" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' mergeUsers" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' mergeUsers" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' mergeUsers" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' mergeUsers" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' mergeUsers" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l rule
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l severity
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l evidence
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l evidenceHash
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l rewardId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l provider
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l paymentId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' flag" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' review" -x -l reviewId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' review" -x -l decision
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' review" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' review" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' review" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' review" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' review" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' review" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' review" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' riskScore" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' riskScore" -x -l source
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' riskScore" -x -l score
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' riskScore" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' riskScore" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' riskScore" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' riskScore" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' riskScore" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' riskScore" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' riskScore" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' disableCode" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' disableCode" -x -l code
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' disableCode" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' disableCode" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' disableCode" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' disableCode" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' disableCode" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' disableCode" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' disableCode" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reactivateCode" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reactivateCode" -x -l code
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reactivateCode" -x -l expiresInDays
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reactivateCode" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reactivateCode" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reactivateCode" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reactivateCode" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reactivateCode" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reactivateCode" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reactivateCode" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l provider
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l paymentId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l rewardId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l kind
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l reference
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l position
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l reason
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l approvers
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' quarantine" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l provider
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l paymentId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l rewardId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l kind
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l reference
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l position
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l reason
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l approvers
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' release" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correctAttribution" -x -l userId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correctAttribution" -x -l referrerId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correctAttribution" -x -l reason
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correctAttribution" -x -l approvers
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correctAttribution" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correctAttribution" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correctAttribution" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correctAttribution" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correctAttribution" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correctAttribution" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correctAttribution" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l runId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l provider
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l statement
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l lines
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l matched
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l breaks
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' reconciliation" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l breakId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l runId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l rule
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l kind
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l subject
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l since
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l expected
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l found
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l currency
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' openBreak" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' resolveBreak" -x -l breakId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' resolveBreak" -x -l runId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' resolveBreak" -x -l reason
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' resolveBreak" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' resolveBreak" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' resolveBreak" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' resolveBreak" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' resolveBreak" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' resolveBreak" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' resolveBreak" -x -l causation
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correct" -x -l at
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correct" -x -l key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correct" -x -l programme
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correct" -x -l actor
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correct" -x -l actorRole
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correct" -x -l correlationId
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' correct" -x -l causation

# referral-ledger import
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l format -x -a 'jsonl csv' -d 'The form of the files.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l map -r -F -d 'For csv: which column becomes which field.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l import-id -x -d 'Names the import in place of the content\'s SHA-256; needed for stdin.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l rejects -r -F -d 'Adds each refused line there, as JSON with the reason.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l atomic -d 'Records all lines of one file in one transaction, or nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l dry-run -d 'Decides all lines, says what would come of them, and records nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l retry-refused -d 'Decides lines again that an earlier run has passed.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import' '#0' more" -F

# referral-ledger advance
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger advance'" -l to -x -d 'Where the clock goes; else to now.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger advance'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger policy
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy'" -a check -d 'Says what is wrong with a policy file.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy'" -a show -d 'Writes the policy that rules a moment, as JSON.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy'" -a diff -d 'Shows in which fields two policies differ.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy'" -a publish -d 'Publishes a new policy version.'

# referral-ledger policy check
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy check' '#0'" -F

# referral-ledger policy show
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy show'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy show'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy show'" -l effective -x -d 'The version that rules this business time; else the latest.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy show'" -l preset -x -a 'two-level premium-days tiered' -d 'A preset, without a ledger.'

# referral-ledger policy diff
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy diff'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy diff' '#0'" -F
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy diff' '#1'" -F

# referral-ledger policy publish
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy publish'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy publish'" -l effective -x -d 'From when it rules, by business time; else from now.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy publish'" -l key -x -d 'Idempotency key: publishing again with it changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy publish' '#0'" -F

# referral-ledger withdrawals
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals'" -a list -d 'Lists withdrawals, oldest first.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals'" -a approve -d 'Approves a withdrawal: it may be sent.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals'" -a reject -d 'Rejects a withdrawal: the money is available again.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals'" -a cancel -d 'Cancels a withdrawal for its user: the money is available again.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals'" -a reduce -d 'Reduces a withdrawal: what is taken off is available again.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals'" -a sent -d 'Reports that a provider carries the payout: fee and tax are charged.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals'" -a settled -d 'Reports that the money has arrived.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals'" -a failed -d 'Reports that the payout failed: the money is available again.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals'" -a returned -d 'Reports that the money came back later: it is available again.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger withdrawals list
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals list'" -l state -x -a 'requested partlyApproved approved sent settled failed returned rejected cancelled expired' -d 'Only withdrawals of this state.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals list'" -l user -x -d 'Only this user\'s.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals list'" -l limit -x -d 'Withdrawals at most.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals list'" -l after -x -d 'Only those after this position: the last one of the page before.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals list'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals list'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals list'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals list'" -l method -d 'Shows where the money goes.'

# referral-ledger withdrawals approve
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals approve'" -l actor -x -d 'Who decides.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals approve'" -l reason -x -d 'Why.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals approve'" -l at -x -d 'The business moment; else now. The same call with the same time changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals approve'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger withdrawals reject
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals reject'" -l actor -x -d 'Who decides.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals reject'" -l reason -x -d 'Why.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals reject'" -l at -x -d 'The business moment; else now. The same call with the same time changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals reject'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger withdrawals cancel
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals cancel'" -l actor -x -d 'Who decides.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals cancel'" -l reason -x -d 'Why.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals cancel'" -l at -x -d 'The business moment; else now. The same call with the same time changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals cancel'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger withdrawals reduce
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals reduce'" -l actor -x -d 'Who decides.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals reduce'" -l reason -x -d 'Why.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals reduce'" -l at -x -d 'The business moment; else now. The same call with the same time changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals reduce'" -l amount -x -d 'What stays, in the withdrawal\'s currency.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals reduce'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger withdrawals sent
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals sent'" -l provider -x -d 'Who carries the payout.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals sent'" -l ref -x -d 'The provider\'s own reference.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals sent'" -l actor -x -d 'Who reports it, when a person does.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals sent'" -l at -x -d 'The business moment; else now. The same call with the same time changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals sent'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger withdrawals settled
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals settled'" -l provider -x -d 'Who carries the payout.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals settled'" -l ref -x -d 'The provider\'s own reference.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals settled'" -l actor -x -d 'Who reports it, when a person does.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals settled'" -l at -x -d 'The business moment; else now. The same call with the same time changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals settled'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger withdrawals failed
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals failed'" -l provider -x -d 'Who carries the payout.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals failed'" -l ref -x -d 'The provider\'s own reference.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals failed'" -l actor -x -d 'Who reports it, when a person does.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals failed'" -l at -x -d 'The business moment; else now. The same call with the same time changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals failed'" -l kept -x -d 'What the bank keeps of it, in the withdrawal\'s currency.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals failed'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger withdrawals returned
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals returned'" -l provider -x -d 'Who carries the payout.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals returned'" -l ref -x -d 'The provider\'s own reference.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals returned'" -l actor -x -d 'Who reports it, when a person does.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals returned'" -l at -x -d 'The business moment; else now. The same call with the same time changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals returned'" -l kept -x -d 'What the bank keeps of it, in the withdrawal\'s currency.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger withdrawals returned'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger review
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review'" -a list -d 'Lists reviews, oldest first, with what they hold.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review'" -a decide -d 'Decides a review: its user goes on, or what it holds is taken back.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger review list
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review list'" -l kind -x -a 'dispute review suspension closure all' -d 'What is listed.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review list'" -l user -x -d 'Only what is about this user.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review list'" -l limit -x -d 'Cases at most.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review list'" -l after -x -d 'Only those after this position: the last one of the page before.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review list'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review list'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review list'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review list'" -l all -d 'Lists what is decided, too.'

# referral-ledger review decide
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review decide'" -l actor -x -d 'Who decides; not the user.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review decide'" -l at -x -d 'The business moment; else now. The same call with the same time changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review decide'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger review decide' '#1'" -a 'clear confirm'

# referral-ledger daemon

# referral-ledger status
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger status'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger status'" -l effective -x -d 'Only what had happened by then, by business time.'

# referral-ledger user
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger user'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger user'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger user'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger tree
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger tree'" -l depth -x -d 'Levels below the user; else all.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger tree'" -l width -x -d 'Referees drawn of one user; else all.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger tree'" -l format -x -a 'text dot json' -d 'How it is written.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger tree'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger tree'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger tree'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger balance
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger balance'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger balance'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger balance'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger balance'" -l asset -x -d 'Only this currency or unit.'

# referral-ledger statement
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger statement'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger statement'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger statement'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger statement'" -l asset -x -d 'Only this currency or unit.'

# referral-ledger rewards
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rewards'" -l state -x -a 'pending held partlyHeld available partlyUsed used claimable claimed fulfilled repaid expired revoked quarantined' -d 'Only rewards of this state.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rewards'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rewards'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rewards'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger leaderboard
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l limit -x -d 'Places shown.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l by -x -a 'referrals conversions earnings' -d 'What is counted.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l period -x -d 'all, week or month (the current ones), a month as 2010-12, or the week that holds a day, as 2010-12-24.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l asset -x -d 'Only this currency or unit.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger rank
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rank'" -l by -x -a 'referrals conversions earnings' -d 'What is counted.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rank'" -l period -x -d 'all, week or month (the current ones), a month as 2010-12, or the week that holds a day, as 2010-12-24.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rank'" -l asset -x -d 'Only this currency or unit.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rank'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rank'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rank'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger events
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l from -x -d 'Begin here.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l to -x -d 'End here.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l type -x -a 'LedgerCreated ProgrammeCreated PeriodClosed PolicyPublished SymbolDefined ClockAdvanced CodeIssued CodeExpired UserSignedUp ReferralAttributed AttributionRejected ReferralAdvanced ReferralExpired ReferralReverted ReferralConverted PaymentReceived RefundReceived EventParked EventUnparked CommissionEarned RewardMatured CommissionReversed BudgetSet BudgetExhausted CodeDisabled CodeReactivated UserSuspended UserReinstated UserClosed UsersMerged BalanceMerged BalanceForfeited RewardHeld RefundFailed DisputeOpened DisputeWon DisputeLost RewardReleased RewardGranted RewardRevoked RewardClaimed RewardFulfilled FulfilmentFailed RewardExpired TierChanged BadgeAwarded BadgeRevoked CommissionRestored KycSubmitted KycDecided KycExpired WithdrawalRequested WithdrawalApproved WithdrawalReduced WithdrawalRejected WithdrawalCancelled WithdrawalExpired PayoutSent TaxWithheld FeeCharged PayoutSettled PayoutFailed PayoutReturned TaxRemitted CashFunded CostRecorded FraudFlagged RiskScoreReported ReviewDecided AdjustmentPosted DebtWrittenOff OpeningBalance FxRateRecorded FxConverted AttributionCorrected EventQuarantined EventReleased ReconciliationRun BreakOpened BreakResolved CorrectionApplied ImportProgressed' -d 'Only events of this type.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l user -x -d 'Only events that concern this user.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l limit -x -d 'Events at most.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l programme -x -d 'Only events of this programme.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l follow -d 'Wait for further events.'

# referral-ledger trace
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger trace'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger trace'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger trace'" -l programme -x -d 'The programme of page and proofs; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger trace'" -l html -r -F -d 'Writes a page that needs nothing beside it.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger trace'" -l proofs -x -a '(__fish_complete_directories (commandline -ct))' -d 'Writes a proof for each record that steps name.'

# referral-ledger trial-balance
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger trial-balance'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger trial-balance'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger trial-balance'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger receivables
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger receivables'" -l asset -x -d 'Only this currency or unit.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger receivables'" -l limit -x -d 'Users at most.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger receivables'" -l after -x -d 'The next of the page before.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger receivables'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger receivables'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger receivables'" -l programme -x -d 'Only this programme\'s.'

# referral-ledger budgets
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger budgets'" -l user -x -d 'Whose use of limits of each user is shown.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger budgets'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger budgets'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger budgets'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger parked
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger parked'" -l limit -x -d 'Facts listed.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger parked'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger parked'" -l effective -x -d 'Only what had happened by then, by business time.'

# referral-ledger breaks
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger breaks'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger breaks'" -l provider -x -d 'Only this provider\'s.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger breaks'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger breaks'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger breaks'" -l all -d 'Those that are resolved, too.'

# referral-ledger explain
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain'" -a balance -d 'Explains a user\'s money.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain'" -a tier -d 'Explains a user\'s tier.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain'" -a rank -d 'Explains a user\'s place on the leaderboard of all time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain'" -a reward -d 'Explains a reward: a grant, or a level of a payment\'s commission.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain'" -a parked -d 'Explains a fact that waits for its predecessor, or waited.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain'" -l html -r -F -d 'Writes a page that needs nothing beside it.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain'" -l proofs -x -a '(__fish_complete_directories (commandline -ct))' -d 'Writes a proof for each record that steps name.'

# referral-ledger explain balance
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain balance'" -l asset -x -d 'Only this currency or unit.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain balance'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain balance'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain balance'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain balance'" -l html -r -F -d 'Writes a page that needs nothing beside it.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain balance'" -l proofs -x -a '(__fish_complete_directories (commandline -ct))' -d 'Writes a proof for each record that steps name.'

# referral-ledger explain tier
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain tier'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain tier'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain tier'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain tier'" -l html -r -F -d 'Writes a page that needs nothing beside it.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain tier'" -l proofs -x -a '(__fish_complete_directories (commandline -ct))' -d 'Writes a proof for each record that steps name.'

# referral-ledger explain rank
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain rank'" -l by -x -a 'conversions referrals earnings' -d 'What is counted.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain rank'" -l asset -x -d 'Only this currency or unit.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain rank'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain rank'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain rank'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain rank'" -l html -r -F -d 'Writes a page that needs nothing beside it.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain rank'" -l proofs -x -a '(__fish_complete_directories (commandline -ct))' -d 'Writes a proof for each record that steps name.'

# referral-ledger explain reward
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain reward'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain reward'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain reward'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain reward'" -l html -r -F -d 'Writes a page that needs nothing beside it.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain reward'" -l proofs -x -a '(__fish_complete_directories (commandline -ct))' -d 'Writes a proof for each record that steps name.'

# referral-ledger explain parked
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain parked'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain parked'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain parked'" -l effective -x -d 'Only what had happened by then, by business time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain parked'" -l html -r -F -d 'Writes a page that needs nothing beside it.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger explain parked'" -l proofs -x -a '(__fish_complete_directories (commandline -ct))' -d 'Writes a proof for each record that steps name.'

# referral-ledger verify
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger verify'" -l from -r -F -d 'A checkpoint\'s file: the log must begin with it.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger verify'" -l key -x -d 'A key that is trusted: NAME+ID+BASE64.'

# referral-ledger checkpoint
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint'" -a new-key -d 'Makes a key that signs checkpoints.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint'" -a vkey -d 'Writes the key that others verify with.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint'" -a sign -d 'Signs the log as it is.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint'" -a cosign -d 'Adds a witness\'s signature to a checkpoint.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint'" -a show -d 'Shows a checkpoint, and whether it holds.'

# referral-ledger checkpoint new-key
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint new-key'" -l out -r -F -d 'Where the secret goes; never overwritten.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint new-key'" -l witness -d 'For cosignatures, which state their time.'

# referral-ledger checkpoint vkey
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint vkey' '#0'" -F

# referral-ledger checkpoint sign
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint sign'" -l key -r -F -d 'The signing key\'s file, of \'checkpoint new-key\'.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint sign'" -l origin -x -d 'The log\'s name in the checkpoint; else the key\'s.'

# referral-ledger checkpoint cosign
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint cosign'" -l key -r -F -d 'The signing key\'s file, of \'checkpoint new-key\'.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint cosign'" -l log-key -x -d 'The log\'s key.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint cosign'" -l old -r -F -d 'The checkpoint cosigned before.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint cosign'" -l proof -r -F -d 'The proof from it: what \'prove consistency\' wrote.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint cosign'" -l time -x -d 'The time stated, since 1970; else now.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint cosign' '#0'" -F

# referral-ledger checkpoint show
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint show'" -l key -x -d 'A key that is trusted: NAME+ID+BASE64.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger checkpoint show' '#0'" -F

# referral-ledger prove
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger prove'" -a inclusion -d 'Proves that the event at a position is in the log.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger prove'" -a consistency -d 'Proves that the log of one time is the beginning of the log of another.'

# referral-ledger prove inclusion
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger prove inclusion'" -l checkpoint -r -F -d 'The checkpoint; else the one kept in the ledger.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger prove inclusion'" -l without-record -d 'Leave the record out: it is given by other means.'

# referral-ledger prove consistency

# referral-ledger check-proof
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger check-proof'" -l key -x -d 'A key that is trusted: NAME+ID+BASE64.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger check-proof'" -l old -r -F -d 'Of a consistency proof: the older checkpoint.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger check-proof'" -l record -r -F -d 'Of an inclusion proof: the stored record, when the proof holds none.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger check-proof'" -l origin -x -d 'The log\'s name in its checkpoints; else the first key\'s.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger check-proof' '#0'" -F

# referral-ledger replay
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger replay'" -l to -x -d 'Where to stop, at the last whole record at or before it; else at the end.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger replay'" -l digest-every -x -d 'A digest after every N events, too.'

# referral-ledger re-decide
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger re-decide'" -l policy -r -F -d 'Rules in place of all that the programme had; - is stdin.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger re-decide'" -l from -x -d 'Facts recorded from here on; what is before stands as it is.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger re-decide'" -l out -r -F -d 'Where the proposal goes.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger re-decide'" -l at -x -d 'The business moment of the correction; else now.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger re-decide'" -l limit -x -d 'Differences listed as text; totals are always whole.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger re-decide'" -l keep -x -a '(__fish_complete_directories (commandline -ct))' -d 'Leaves the ledger that the rules lead to in this new folder.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger re-decide'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger correct
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger correct'" -l approved-by -x -d 'Who approves it; none of the users concerned.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger correct'" -l expect-head -x -d 'The position that \'status\' shows, and the proposal was made at.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger correct' '#0'" -F

# referral-ledger reconcile
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l limit -x -d 'Breaks listed of each check; totals are always whole.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l statement -r -F -d 'A provider\'s settlement file, to compare with.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l map -r -F -d 'Which column of it is what; without one its form is recognised.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l provider -x -d 'The provider, as facts name it; else as the form or map says.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l tolerance -x -d 'Minor units by which amounts may differ.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l timing -x -d 'Hours by which moments may differ.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l grace -x -d 'Days before its end in which what is missing is on its way.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l match -x -d 'The ladder, of: id,reference,payment,amount-day,amount-near; else all.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l from -x -d 'The begin of the statement\'s period; else its first line.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l through -x -d 'The end of the statement\'s period; else its last line.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l as-of -x -d 'The moment that ages count to; else the end of the period.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger reconcile'" -l record -d 'Records the run over --statement and its breaks as events.'

# referral-ledger rebuild
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rebuild'" -l jobs -x -d 'Core and views in turn at 1, else at once.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rebuild'" -l checkpoint-every -x -d 'With --side-by-side: events between checkpoints.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rebuild'" -l side-by-side -d 'New views beside the live ones, in views.next/.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rebuild'" -l resume -d 'Goes on with a rebuild beside that was stopped.'

# referral-ledger diff
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger diff'" -l to -x -d 'At an earlier position.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger diff'" -l limit -x -d 'Lines listed as text; totals are always whole.'

# referral-ledger swap
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger swap'" -l approve -x -d 'The hash that diff has shown.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger swap'" -l require-equal -d 'Only when nothing differs.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger swap'" -l back -d 'Puts back what the last swap has put aside.'

# referral-ledger bisect

# referral-ledger quarantine
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger quarantine'" -l reason -x -d 'Why.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger quarantine'" -l approved-by -x -d 'Who approves; nobody whose money it moves.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger quarantine'" -l at -x -d 'The business moment; else now. The same call with the same time changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger quarantine'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger release
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger release'" -l reason -x -d 'Why.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger release'" -l approved-by -x -d 'Who approves; nobody whose money it moves.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger release'" -l at -x -d 'The business moment; else now. The same call with the same time changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger release'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger doctor

# referral-ledger export
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger export'" -l format -x -a 'hledger ledger beancount csv jsonl tiles' -d 'For which program.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger export'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger export'" -l effective -x -d 'Only what had happened by then, by business time; not for jsonl and tiles.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger export'" -l programme -x -d 'Only this programme\'s books.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger export'" -l out -x -a '(__fish_complete_directories (commandline -ct))' -d 'Of tiles: the folder they go to.'

# referral-ledger report
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger report'" -l from -x -d 'The begin of the period of charts and statements; else the first fact.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger report'" -l through -x -d 'The end of that period; else the last fact.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger report'" -l checkpoint -r -F -d 'A signed checkpoint of the log, to be shown; else the one signed last.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger report' '#0'" -F

# referral-ledger backup
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger backup'" -l keys -x -a '(__fish_complete_directories (commandline -ct))' -d 'Copies the keys of personal data there.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger backup'" -l verify -d 'Checks the copy from first to last record; notes its state digest and root.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger backup'" -l views -d 'Takes the views along, so that the restored ledger opens at once.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger backup'" -l compact -d 'Leaves out free pages; takes longer.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger backup' '#0'" -a '(__fish_complete_directories (commandline -ct))'

# referral-ledger restore
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger restore'" -l keys -x -a '(__fish_complete_directories (commandline -ct))' -d 'The copy of the keys; without it the ledger can only be read.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger restore'" -l verify -d 'Checks all of it before it appears.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger restore' '#0'" -a '(__fish_complete_directories (commandline -ct))'

# referral-ledger compact

# referral-ledger simulate
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l users -x -d 'Signups.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l payments -x -d 'Payments.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l seed -x -d 'Another one, another programme.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l asset -x -d 'Of every payment; what tiered grants and pays out is INR.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l preset -x -a 'two-level premium-days tiered' -d 'The rules that the lines are to keep.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l advance -x -a 'week month' -d 'How often the business clock is moved.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l programme -x -d 'Written into each line when given.'

# referral-ledger scenario
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger scenario' '#0' more" -F

# referral-ledger completions
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger completions' '#0'" -a 'bash zsh fish'

# referral-ledger man
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger man'" -l into -x -a '(__fish_complete_directories (commandline -ct))' -d 'Writes all pages there, and none to stdout.'
