using System.CommandLine;

namespace Habla.Cli.Commands;

/// <summary>habla tokenizer train|encode|decode|show|list|shards: text to token ids and back.</summary>
internal static class TokenizerCommand
{
    public static Command Create() => new("tokenizer", "text to token ids and back")
    {
        TokenizerTrainCommand.Create(),
        TokenizerEncodeCommand.Create(),
        TokenizerDecodeCommand.Create(),
        TokenizerShowCommand.Create(),
        TokenizerListCommand.Create(),
        TokenizerShardsCommand.Create(),
    };
}
