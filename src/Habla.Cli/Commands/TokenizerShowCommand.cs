using System.CommandLine;
using System.Globalization;
using Habla.Data;
using Habla.Tokenization;
using Spectre.Console;

namespace Habla.Cli.Commands;

/// <summary>habla tokenizer show: the pieces of a text in colours, or what a whole file makes of the vocabulary.</summary>
internal static class TokenizerShowCommand
{
    private static readonly string[] _colours =
        ["black on deepskyblue1", "black on gold1", "black on palegreen1", "black on plum1", "black on lightsalmon1"];

    public static Command Create()
    {
        Option<string> path = TokenizerText.TokenizerOption();
        Option<string?> file = new("--file") { Description = "a text file to show, instead of TEXT" };
        Option<string?> stats = new("--stats")
        {
            Description = "instead of pieces: a text file's bytes per token, vocabulary use, longest and rarest tokens",
        };
        Option<bool> special = TokenizerText.AllowSpecial();
        Argument<string?> text = TokenizerText.OptionalText("the text to show");
        Option<bool> json = CommonOptions.Json();
        var command = new Command("show", "the pieces of a text in colours, their ids beneath") { path, file, stats, special, text, json };
        command.SetAction(parsed =>
        {
            Tokenizer tokenizer = Tokenizer.Load(parsed.GetValue(path)!);
            (string? given, string? whole, string? counted) = (parsed.GetValue(text), parsed.GetValue(file), parsed.GetValue(stats));
            if (counted is not null)
            {
                ShowStatistics(tokenizer, counted, given ?? whole, parsed.GetValue(json));
                return ExitCode.Done;
            }

            EncodedText encoded = tokenizer.Encode(TokenizerText.Given(given, whole, "TEXT"), parsed.GetValue(special));
            Draw(tokenizer, encoded);
            TokenizerText.WarnOfUnknown(encoded);
            if (parsed.GetValue(json))
            {
                TokenizerText.WriteIds(tokenizer, encoded, json: true);
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Rows of coloured pieces with a row of ids beneath each, as wide as the terminal allows.</summary>
    private static void Draw(Tokenizer tokenizer, EncodedText encoded)
    {
        IAnsiConsole console = Terminal.Error;
        string pieces = "", ids = "";
        int used = 0;
        for (int i = 0; i < encoded.Ids.Length; i++)
        {
            string piece = VisibleText.Of(tokenizer.Piece(encoded.Ids[i])), id = encoded.Ids[i].ToString(CultureInfo.InvariantCulture);
            int width = Math.Max(piece.GetCellWidth(), id.Length);
            if (used > 0 && used + width + 1 > console.Profile.Width)
            {
                console.MarkupLine(pieces);
                console.MarkupLine(ids);
                (pieces, ids, used) = ("", "", 0);
            }

            string padding = new(' ', width - piece.GetCellWidth());
            pieces += $"[{_colours[i % _colours.Length]}]{Markup.Escape(piece)}{padding}[/] ";
            ids += $"[grey]{id.PadRight(width)}[/] ";
            used += width + 1;
        }

        console.MarkupLine(pieces);
        console.MarkupLine(ids);
    }

    private static void ShowStatistics(Tokenizer tokenizer, string path, string? other, bool json)
    {
        if (other is not null)
        {
            throw new InvalidInputException("give --stats FILE alone; TEXT and --file are for showing pieces.");
        }

        TokenizerStatistics stats = TokenizerStatistics.Of(tokenizer, TextFile.Read(path));
        Terminal.Say($"{path}: {stats.Bytes} bytes, {stats.Tokens} tokens, {stats.BytesPerToken:0.000} bytes per token");
        Terminal.Say($"{stats.UsedTokens} of {stats.VocabularySize} tokens are used ({stats.VocabularyUse:0.0%})");
        if (stats.UnknownCount > 0)
        {
            Terminal.Say($"{stats.UnknownCount} characters became {SpecialTokens.Unknown}");
        }

        WriteUses("longest tokens", stats.Longest);
        WriteUses("rarest tokens", stats.Rarest);
        WriteUses("most frequent tokens", stats.MostFrequent);
        if (json)
        {
            Terminal.WriteJson(stats);
        }
    }

    private static void WriteUses(string title, IReadOnlyList<TokenUse> uses)
    {
        Terminal.Say($"");
        Terminal.WriteTable(
            [title, "id", "bytes", "times"],
            [.. uses.Select(use => new[]
            {
                VisibleText.Of(use.Piece), Number(use.Id), Number(use.Bytes), Number(use.Count),
            })],
            leftColumns: 1);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
