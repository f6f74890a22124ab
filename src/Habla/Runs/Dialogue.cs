using Habla.Tokenization;

namespace Habla.Runs;

/// <summary>
/// A conversation with a model that only continues text: one text that grows by what is said and what is answered. When it becomes
/// longer than the model can see, the oldest turns are left out.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="template">What is written around what is said.</param>
/// <param name="keepsHistory">Whether earlier turns are seen; otherwise each line stands alone. Default true.</param>
public sealed class Dialogue(SavedModel model, DialogueTemplate template, bool keepsHistory = true)
{
    private readonly List<int[]> _turns = []; // each what was said, what was answered, and a line end where there was none

    /// <summary>How many turns are remembered.</summary>
    public int TurnCount => _turns.Count;

    /// <summary>Forgets everything.</summary>
    public void Reset() => _turns.Clear();

    /// <summary>What the model is given to answer a line; turns for which there is no room are forgotten.</summary>
    /// <param name="line">What is said.</param>
    /// <param name="room">
    /// Tokens that the answer may take. For that much the text is shortened, but for half of the model's context at most.
    /// </param>
    /// <returns>The prompt's ids, the turns that were forgotten for it, and the characters that the tokenizer does not know.</returns>
    /// <exception cref="InvalidInputException">The line alone is more than the model can see, or has a character that cannot be said.</exception>
    public (int[] Prompt, int Forgotten, int UnknownCount) Ask(string line, int room)
    {
        ArgumentNullException.ThrowIfNull(line);
        EncodedText said = model.Tokenizer.Encode(template.Around(line));
        int[] begin = model.BeginId is { } first ? [first] : [];
        int context = model.Model.Config.ContextLength, alone = begin.Length + said.Ids.Length;
        if (alone > context)
        {
            throw new InvalidInputException($"that is {alone} tokens, but the model reads {context} at most: say it shorter");
        }

        if (alone == 0)
        {
            throw new InvalidInputException("there is nothing to answer: say something");
        }

        if (!keepsHistory)
        {
            Reset();
        }

        int most = context - Math.Min(room, context / 2), forgotten = 0;
        while (_turns.Count > 0 && alone + _turns.Sum(turn => turn.Length) > most)
        {
            _turns.RemoveAt(0);
            forgotten++;
        }

        return ([.. begin, .. _turns.SelectMany(turn => turn), .. said.Ids], forgotten, said.UnknownCount);
    }

    /// <summary>Remembers a turn.</summary>
    /// <param name="line">What was said.</param>
    /// <param name="answer">The tokens of the answer.</param>
    public void Remember(string line, IReadOnlyList<int> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        int[] ids = [.. model.Tokenizer.Encode(template.Around(line)).Ids, .. answer];
        bool endsLine = model.Tokenizer.DecodeBytes(ids) is [.., (byte)'\n'];
        _turns.Add([.. ids, .. endsLine ? [] : LineEnd()]);
    }

    /// <summary>A line end's ids; none where the model knows no line end.</summary>
    private int[] LineEnd()
    {
        try
        {
            EncodedText end = model.Tokenizer.Encode("\n");
            return end.UnknownCount == 0 ? end.Ids : [];
        }
        catch (InvalidInputException)
        {
            return [];
        }
    }
}
