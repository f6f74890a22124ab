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
        Option<string[]> input = new("--input")
        {
            Description = "with --out: what habla ingest wrote, or text files, each a document", AllowMultipleArgumentsPerToken = true,
        };
        command.Add(input);
        var shards = new ShardOptions(command, "--out", input);
        command.Validators.Add(result =>
        {
            bool hasInput = result.GetValue(input) is { Length: > 0 }, hasOutput = shards.AreGiven(result);
            if (hasInput != hasOutput)
            {
                result.AddError(hasOutput
                    ? "--out writes shards: give --input with the documents"
                    : "--input is for shards: give --out with their folder");
            }
        });
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
