using System.CommandLine;
using System.Text.Json;
using Habla.Data;
using Habla.Storage;
using Habla.Tokenization;

namespace Habla.Cli.Commands;

/// <summary>What the commands about single texts have in common: where the text comes from, and how its ids are written.</summary>
internal static class TokenizerText
{
    public static Option<string> TokenizerOption() => new("--tokenizer") { Description = "a tokenizer.json", Required = true };

    public static Option<bool> AllowSpecial() => new("--allow-special")
    {
        Description = "names of added tokens in the text, such as <eos>, become those tokens instead of ordinary characters",
    };

    public static Argument<string?> OptionalText(string meaning) =>
        new("TEXT") { Description = meaning, Arity = ArgumentArity.ZeroOrOne };

    public static string Given(string? text, string? file, string name) => (text, file) switch
    {
        (null, { } path) => TextFile.Read(path),
        ({ } given, null) => given,
        (null, null) => throw new InvalidInputException($"nothing to work on; give {name} or --file FILE."),
        _ => throw new InvalidInputException($"give {name} or --file, not both."),
    };

    public static void WriteIds(Tokenizer tokenizer, EncodedText encoded, bool json)
    {
        var result = new { encoded.Ids, Tokens = encoded.Ids.Select(id => tokenizer.Piece(id)), encoded.UnknownCount };
        Console.Out.WriteLine(json ? JsonSerializer.Serialize(result, JsonFormat.Line) : string.Join(' ', encoded.Ids));
    }

    public static void WarnOfUnknown(EncodedText encoded)
    {
        if (encoded.UnknownCount > 0)
        {
            string what = encoded.UnknownCount == 1 ? "1 character is" : $"{encoded.UnknownCount} characters are";
            Console.Error.WriteLine($"{what} not in the tokenizer's alphabet and became {SpecialTokens.Unknown}");
        }
    }
}
