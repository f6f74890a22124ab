using System.CommandLine;
using System.Globalization;
using Habla.Tokenization;

namespace Habla.Cli.Commands;

/// <summary>habla tokenizer list: the vocabulary, a token a line.</summary>
internal static class TokenizerListCommand
{
    public static Command Create()
    {
        Option<string> path = TokenizerText.TokenizerOption();
        var command = new Command("list", "the vocabulary: each token's id, what it stands for, and what it was joined from") { path };
        command.SetAction(parsed =>
        {
            Tokenizer tokenizer = Tokenizer.Load(parsed.GetValue(path)!);
            int width = (tokenizer.VocabularySize - 1).ToString(CultureInfo.InvariantCulture).Length;
            HashSet<int> added = [.. tokenizer.AddedTokens.Select(token => token.Id)];
            for (int id = 0; id < tokenizer.VocabularySize; id++)
            {
                string number = id.ToString(CultureInfo.InvariantCulture).PadLeft(width);
                Console.Out.WriteLine($"{number}  {VisibleText.Of(tokenizer.Piece(id))}{Origin(tokenizer, id, added)}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static string Origin(Tokenizer tokenizer, int id, HashSet<int> added) => tokenizer.JoinedFrom(id) switch
    {
        (int left, int right) => $"  = {VisibleText.Of(tokenizer.Piece(left))} + {VisibleText.Of(tokenizer.Piece(right))}",
        null => added.Contains(id) ? "  (stands for no text)" : "",
    };
}
