using System.CommandLine;
using Habla.Data.Shards;

namespace Habla.Cli.Commands;

/// <summary>habla tokenizer shards: what token shards hold, whether they are sound, and where a token of theirs comes from.</summary>
internal static class TokenizerShardsCommand
{
    public static Command Create()
    {
        Argument<string> path = new("PATH") { Description = "a folder of shards, or one of them" };
        Option<bool> verify = new("--verify") { Description = "read everything and hold it against the hashes" };
        Option<long?> token = new("--token") { Description = "tell which document this token comes from, counted from 0" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("shards", "what token shards hold") { path, verify, token, json };
        command.SetAction(parsed =>
        {
            using TokenShards shards = TokenShards.Open(parsed.GetValue(path)!);
            TokenSource? source = parsed.GetValue(token) is { } number ? SourceOf(shards, number) : null;
            if (parsed.GetValue(verify))
            {
                shards.Verify();
            }

            Terminal.Say($"{shards.Path}: {shards.Length:N0} tokens of {shards.Documents:N0} documents, {shards.ShardCount:N0} files, ",
                $"vocabulary of {shards.VocabularySize:N0}, tokenizer {shards.TokenizerSha256[..12]}",
                parsed.GetValue(verify) ? (FormattableString)$"; every byte is as it was written" : null);
            if (source is not null)
            {
                Terminal.Say($"token {parsed.GetValue(token)} is number {source.Position} of the document {source.Document}");
            }

            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new
                {
                    shards.Path, Tokens = shards.Length, shards.Documents, Shards = shards.ShardCount, VocabSize = shards.VocabularySize,
                    shards.SeparatorId, shards.TokenizerSha256, Verified = parsed.GetValue(verify), source?.Document, source?.Position,
                });
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static TokenSource SourceOf(TokenShards shards, long token) => token >= 0 && token < shards.Length
        ? shards.SourceOf(token)
        : throw new InvalidInputException($"--token {token}: expected a number from 0 to {shards.Length - 1}.");
}
