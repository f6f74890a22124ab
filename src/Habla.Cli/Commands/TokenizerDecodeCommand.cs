using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Habla.Storage;
using Habla.Tokenization;

namespace Habla.Cli.Commands;

/// <summary>habla tokenizer decode: ids to text.</summary>
internal static class TokenizerDecodeCommand
{
    public static Command Create()
    {
        Option<string> path = TokenizerText.TokenizerOption();
        Option<string?> file = new("--file") { Description = "a file of ids, or what encode --json wrote, instead of IDS" };
        Argument<string[]> ids = new("IDS") { Description = "ids with spaces or commas between them", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> special = new("--special") { Description = "write the names of special tokens instead of leaving them out" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("decode", "ids to text") { path, file, ids, special, json };
        command.SetAction(parsed =>
        {
            Tokenizer tokenizer = Tokenizer.Load(parsed.GetValue(path)!);
            string? given = parsed.GetValue(ids) is { Length: > 0 } words ? string.Join(' ', words) : null;
            int[] chosen = ReadIds(TokenizerText.Given(given, parsed.GetValue(file), "IDS"), tokenizer.VocabularySize);
            string text = tokenizer.Decode(chosen, skipSpecial: !parsed.GetValue(special));
            Console.Out.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(new { text }, JsonFormat.Line) : text);
            return ExitCode.Done;
        });
        return command;
    }

    private static int[] ReadIds(string text, int vocabularySize)
    {
        int[] ids = text.TrimStart().StartsWith('{') ? IdsOfJson(text) : [.. text.Split([' ', ',', '\n', '\r', '\t', '[', ']'],
            StringSplitOptions.RemoveEmptyEntries).Select(ReadId)];
        return Array.Find(ids, id => id < 0 || id >= vocabularySize) is var stranger && stranger != 0
            ? throw new InvalidInputException($"{stranger} is no id of this tokenizer; expected numbers from 0 to {vocabularySize - 1}.")
            : ids;
    }

    private static int ReadId(string word) =>
        int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int id)
            ? id
            : throw new InvalidInputException($"'{word}' is not a token id; expected whole numbers with spaces or commas between them.");

    private static int[] IdsOfJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return [.. document.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidInputException("the ids are not readable; expected an object such as {\"ids\": [1, 5, 2]}.", error);
        }
    }
}
