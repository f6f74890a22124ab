using System.CommandLine;
using Habla.Tokenization;

namespace Habla.Cli.Commands;

/// <summary>habla tokenizer encode: text to ids.</summary>
internal static class TokenizerEncodeCommand
{
    public static Command Create()
    {
        Option<string> path = TokenizerText.TokenizerOption();
        Option<string?> file = new("--file") { Description = "a text file to encode whole, instead of TEXT" };
        Option<bool> special = TokenizerText.AllowSpecial();
        Argument<string?> text = TokenizerText.OptionalText("the text to encode");
        Option<bool> json = CommonOptions.Json();
        var command = new Command("encode", "text to ids, or documents to token shards (--out)") { path, file, special, text, json };
        var shards = new ShardOptions(command);
        command.SetAction(parsed =>
        {
            Tokenizer tokenizer = Tokenizer.Load(parsed.GetValue(path)!);
            if (shards.AreGiven(parsed))
            {
                return shards.Write(parsed, tokenizer, parsed.GetValue(json));
            }

            EncodedText encoded = tokenizer.Encode(
                TokenizerText.Given(parsed.GetValue(text), parsed.GetValue(file), "TEXT"), parsed.GetValue(special));
            TokenizerText.WarnOfUnknown(encoded);
            TokenizerText.WriteIds(tokenizer, encoded, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }
}
