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
                contains -- (string sub -s 3 -- $word) advance asset at by depth effective format from import-id into jobs key ledger limit map payments period policy preset programme rejects seed to type user users width; and set skip 1
                continue
            case '-?*'
                continue
        end
        switch $path
                case 'referral-ledger'
                    contains -- $word init record import advance policy daemon status user tree balance statement leaderboard rank events trial-balance parked verify rebuild doctor export simulate completions man; and set path "$path $word"; and continue
                case 'referral-ledger policy'
                    contains -- $word check show publish; and set path "$path $word"; and continue
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
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a policy -d 'Checks, shows and publishes the rules of a programme.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a daemon -d 'Holds the ledger open for writing and lets other processes write through it.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a status -d 'Shows where the ledger stands.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a user -d 'Shows a user: referrer, stage, codes, money.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a tree -d 'Draws the users below a user.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a balance -d 'Shows a user\'s money, one line an asset.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a statement -d 'Shows every change of a user\'s money, oldest first.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a leaderboard -d 'Shows who referred, converted or earned most.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a rank -d 'Shows a user\'s place on a leaderboard.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a events -d 'Lists events of the log, one a line.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a trial-balance -d 'Sums up every kind of account; debits equal credits.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a parked -d 'Lists facts that wait for another fact.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a verify -d 'Re-hashes every record and re-checks every posting.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a rebuild -d 'Throws the views away and folds them from the log again.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a doctor -d 'Looks at machine, folder and ledger, and says what to do.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a export -d 'Writes the books for another program, on stdout.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a simulate -d 'Writes a made-up programme as JSON lines, for tests and benchmarks.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a completions -d 'Writes the completion script of a shell.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger'" -a man -d 'Writes the manual page of the program or of a verb.'

# referral-ledger init
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger init'" -l preset -x -a 'two-level' -d 'Rules that come with the program; two-level unless told otherwise.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger init'" -l policy -r -F -d 'Rules in JSON; - is stdin.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger init'" -l asset -x -d 'Currency or unit of facts that name none.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger init'" -l programme -x -d 'Id of the programme; else the name of its policy.'

# referral-ledger record
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger record' '#0'" -a 'signup issueCode applyCode advanceReferral convert payment refund advance publishPolicy createProgramme'
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

# referral-ledger import
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l format -x -a 'jsonl csv' -d 'The form of the files.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l map -r -F -d 'For csv: which column becomes which field.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l import-id -x -d 'Names the import in place of the content\'s SHA-256; needed for stdin.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l rejects -r -F -d 'Adds each refused line there, as JSON with the reason.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l dry-run -d 'Checks the form of all lines and records nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import'" -l retry-refused -d 'Decides lines again that an earlier run has passed.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger import' '#0' more" -F

# referral-ledger advance
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger advance'" -l to -x -d 'Where the clock goes; else to now.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger advance'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger policy
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy'" -a check -d 'Says what is wrong with a policy file.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy'" -a show -d 'Writes the policy that rules a moment, as JSON.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy'" -a publish -d 'Publishes a new policy version.'

# referral-ledger policy check
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy check' '#0'" -F

# referral-ledger policy show
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy show'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy show'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy show'" -l effective -x -d 'The version that rules this business time; else the latest.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy show'" -l preset -x -a 'two-level' -d 'A preset, without a ledger.'

# referral-ledger policy publish
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy publish'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy publish'" -l effective -x -d 'From when it rules, by business time; else from now.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy publish'" -l key -x -d 'Idempotency key: publishing again with it changes nothing.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger policy publish' '#0'" -F

# referral-ledger daemon

# referral-ledger status
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger status'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'

# referral-ledger user
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger user'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger user'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger tree
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger tree'" -l depth -x -d 'Levels below the user; else all.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger tree'" -l width -x -d 'Referees drawn of one user; else all.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger tree'" -l format -x -a 'text dot json' -d 'How it is written.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger tree'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger tree'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger balance
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger balance'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger balance'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger balance'" -l asset -x -d 'Only this currency or unit.'

# referral-ledger statement
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger statement'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger statement'" -l programme -x -d 'The programme; needed when the ledger has several.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger statement'" -l asset -x -d 'Only this currency or unit.'

# referral-ledger leaderboard
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l limit -x -d 'Places shown.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l by -x -a 'referrals conversions earnings' -d 'What is counted.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l period -x -d 'all, week or month (the current ones), a month as 2010-12, or the week that holds a day, as 2010-12-24.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l asset -x -d 'Only this currency or unit.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger leaderboard'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger rank
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rank'" -l by -x -a 'referrals conversions earnings' -d 'What is counted.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rank'" -l period -x -d 'all, week or month (the current ones), a month as 2010-12, or the week that holds a day, as 2010-12-24.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rank'" -l asset -x -d 'Only this currency or unit.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rank'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rank'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger events
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l from -x -d 'Begin here.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l to -x -d 'End here.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l type -x -a 'LedgerCreated ProgrammeCreated PeriodClosed PolicyPublished SymbolDefined ClockAdvanced CodeIssued CodeExpired UserSignedUp ReferralAttributed AttributionRejected ReferralAdvanced ReferralExpired ReferralReverted ReferralConverted PaymentReceived RefundReceived EventParked EventUnparked CommissionEarned RewardMatured CommissionReversed ImportProgressed' -d 'Only events of this type.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l user -x -d 'Only events that concern this user.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l limit -x -d 'Events at most.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l programme -x -d 'Only events of this programme.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger events'" -l follow -d 'Wait for further events.'

# referral-ledger trial-balance
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger trial-balance'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger trial-balance'" -l programme -x -d 'The programme; needed when the ledger has several.'

# referral-ledger parked
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger parked'" -l limit -x -d 'Facts listed.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger parked'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'

# referral-ledger verify

# referral-ledger rebuild
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger rebuild'" -l jobs -x -d 'Threads; more than two are not used.'

# referral-ledger doctor

# referral-ledger export
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger export'" -l format -x -a 'hledger' -d 'For which program.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger export'" -l at -x -d 'The state at a past position, or of what was recorded up to a time.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger export'" -l programme -x -d 'Only this programme\'s books.'

# referral-ledger simulate
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l users -x -d 'Signups.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l payments -x -d 'Payments.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l seed -x -d 'Another one, another programme.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l asset -x -d 'Of every amount.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l advance -x -a 'week month' -d 'How often the business clock is moved.'
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger simulate'" -l programme -x -d 'Written into each line when given.'

# referral-ledger completions
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger completions' '#0'" -a 'bash zsh fish'

# referral-ledger man
complete -c referral-ledger -n "__fish_referral_ledger_path 'referral-ledger man'" -l into -x -a '(__fish_complete_directories (commandline -ct))' -d 'Writes all pages there, and none to stdout.'
