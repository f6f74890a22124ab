using System.Globalization;
using Habla.Generation;
using Habla.Tokenization;

namespace Habla.Cli.Commands;

/// <summary>What people are told beside a generated text.</summary>
internal static class GenerationNotes
{
    /// <summary>Characters that the model does not know.</summary>
    public static void Unknown(int count)
    {
        if (count > 0)
        {
            string what = count == 1 ? "1 character of the prompt is" : $"{count} characters of the prompt are";
            Console.Error.WriteLine($"habla: {what} not in the tokenizer's alphabet and became {SpecialTokens.Unknown}");
        }
    }

    /// <summary>That the beginning was forgotten.</summary>
    public static void WindowSlides(int slides, int context)
    {
        if (slides > 0)
        {
            string times = slides == 1 ? "once" : $"{slides} times";
            Console.Error.WriteLine(
                $"habla: the model sees {context} tokens at most: {times} they were full, and all but the last {context / 2} were forgotten");
        }
    }

    /// <summary>Each token of each text.</summary>
    public static void LogProbabilities(GenerationResult said, Tokenizer tokenizer)
    {
        for (int i = 0; i < said.Samples.Count; i++)
        {
            if (said.Samples.Count > 1)
            {
                Console.Error.WriteLine($"--- {i + 1} of {said.Samples.Count}");
            }

            string[][] rows =
            [
                .. said.Samples[i].Tokens.Select(token => (string[])
                [
                    VisibleText.Of(tokenizer.Piece(token.Id)), Number(token.Id, "0"), Number(token.LogProbability, "0.0000"),
                    Number(Math.Exp(token.LogProbability), "0.0000"),
                ]),
            ];
            Terminal.WriteTable(["token", "id", "logprob", "probability"], rows, leftColumns: 1);
        }
    }

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
