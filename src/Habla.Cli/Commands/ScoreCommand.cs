using System.CommandLine;
using System.CommandLine.Parsing;
using Habla.Runs;
using Habla.Tensors.Threading;

namespace Habla.Cli.Commands;

/// <summary>habla score: how likely a model holds a text, token by token, or which of several continuations is likelier.</summary>
internal static class ScoreCommand
{
    public static Command Create()
    {
        Option<string?> file = new("--file") { Description = "the file to score: what habla eval --data takes" };
        Option<string?> text = new("--text") { Description = "the text to score" };
        Option<string?> prompt = new(CommonOptions.Prompt) { Description = "the text that comes before what --compare gives" };
        Option<string[]> compare = new("--compare")
        {
            Description = "a continuation of --prompt; give it twice or more to hear which is likelier",
            AllowMultipleArgumentsPerToken = false,
        };
        Option<int> stride = new("--stride")
        {
            Description = "of a plain text: a window begins every so many tokens and scores those that no earlier one has; "
                + "0 lays windows side by side",
        };
        Option<bool> noEnd = new("--no-end") { Description = "do not count the token that ends a text, of a model of whole texts" };
        Option<int> show = new("--show") { Description = "show so many of the least expected tokens", DefaultValueFactory = _ => 10 };
        show.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] negative }])
            {
                result.AddError($"--show {negative}: expected a whole number of at least 0");
            }
        });
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("score", "how likely a text is, token by token; which of two continuations is likelier")
        {
            file, text, prompt, compare, stride, noEnd, show, threads, json,
        };
        Func<ParseResult, SavedModel> model = CommonOptions.Model(command);
        command.Validators.Add(result => Check(
            result, result.GetValue(file), result.GetValue(text), result.GetValue(prompt), result.GetValue(compare) ?? []));
        command.SetAction(parsed =>
        {
            using SavedModel opened = model(parsed);
            using var pool = new WorkerPool(parsed.GetValue(threads));
            using var scorer = new TextScorer(opened, pool);
            if (parsed.GetValue(prompt) is { } before)
            {
                ScoreReport.Tell(
                    before, opened.Tokenizer, scorer.Compare(before, parsed.GetValue(compare)!, !parsed.GetValue(noEnd)),
                    parsed.GetValue(json));
                return ExitCode.Done;
            }

            TextScore score = parsed.GetValue(file) is { } path
                ? scorer.ScoreFile(path, parsed.GetValue(stride))
                : scorer.ScoreText(parsed.GetValue(text)!, parsed.GetValue(stride), !parsed.GetValue(noEnd));
            ScoreReport.Tell(score, opened.Tokenizer, parsed.GetValue(show), parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Check(CommandResult result, string? file, string? text, string? prompt, string[] compare)
    {
        int named = new[] { file, text, prompt }.Count(one => one is not null);
        if (prompt is null && compare.Length > 0 && named <= 1)
        {
            result.AddError("--compare needs --prompt, the text that it continues");
        }
        else if (named != 1)
        {
            result.AddError($"{(named == 0 ? "There is nothing to score" : "There is more than one thing to score")}: give --file FILE, "
                + "or --text TEXT, or --prompt TEXT with --compare TEXT --compare TEXT");
        }
        else if (prompt is not null && compare.Length == 0)
        {
            result.AddError("--prompt needs --compare, the text that continues it; give it twice or more");
        }
    }
}
