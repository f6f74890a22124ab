using System.CommandLine;
using Habla.Runs;
using Habla.Runs.Equivalence;
using Habla.Tensors.Threading;

namespace Habla.Cli.Commands;

/// <summary>habla card: proof that a model stays the same, or how far it does, however it is run.</summary>
internal static class CardCommand
{
    public static Command Create()
    {
        Option<string?> output = new("--out") { Description = "the folder for CARD.md and card.json [default: the model's own]" };
        Option<string?> file = new("--file")
        {
            Description = "what to predict: what habla eval --data takes [default: the run's validation data]",
        };
        Option<int> tokens = new("--tokens")
        {
            Description = "predict so many tokens at most, from the beginning", DefaultValueFactory = _ => EquivalenceCard.DefaultTokens,
        };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("card", "what caching, export and smaller weights change of a model, measured")
        {
            output, file, tokens, threads, json,
        };
        Func<ParseResult, SavedModel> model = CommonOptions.Model(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(tokens) < 1)
            {
                throw new InvalidInputException($"--tokens {parsed.GetValue(tokens)}: expected a whole number of at least 1");
            }

            using SavedModel opened = model(parsed);
            string folder = parsed.GetValue(output) ?? opened.Folder;
            EquivalenceCard.RefuseUnwritable(folder);
            using var pool = new WorkerPool(parsed.GetValue(threads));
            string? told = null; // the reason why the row before did not apply
            bool isFirst = true;
            var card = EquivalenceCard.Measure(
                opened, parsed.GetValue(file), parsed.GetValue(tokens), pool, row =>
                {
                    Tell(row, isFirst, isSame: row.WhyNot is not null && row.WhyNot == told);
                    (isFirst, told) = (false, row.WhyNot);
                });
            string page = card.Write(folder);
            Terminal.Say($"over {card.Tokens:N0} tokens, {card.PastContext:N0} of them past the context; ",
                $"see {page}");
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(card);
            }

            return card.Holds ? ExitCode.Done : ExitCode.RunFailed;
        });
        return command;
    }

    private static void Tell(EquivalenceRow row, bool isFirst, bool isSame)
    {
        if (isFirst)
        {
            Terminal.Say($"{"run as",-16} {"max |Δlogit|",12} {"Δ perplexity",13}");
        }

        string verdict = row.IsBroken ? "NOT the same bits, and has to be" : row.Difference is { ChangedLogits: 0 } ? "the same bits" : "";
        if (row.Difference is { } found)
        {
            Terminal.Say($"{row.Name,-16} {found.LargestLogitDifference,12:0.00e+0} ",
                $"{found.PerplexityDifference,13:+0.000000;-0.000000;0}", $"{(verdict.Length > 0 ? "  " : "")}{verdict}");
        }
        else
        {
            Terminal.Say($"{row.Name,-16} does not apply: {(isSame ? "the same" : row.WhyNot)}");
        }
    }
}
