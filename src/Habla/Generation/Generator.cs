using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Threading;

namespace Habla.Generation;

/// <summary>
/// Continues a sequence of token ids, one token after another. Each token costs a full forward pass over the sequence so far.
/// Past the context length the model sees the last <see cref="GptConfig.ContextLength"/> tokens, with positions counted from 0.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="pool">The threads; null (the default) for the calling thread alone.</param>
public sealed class Generator(Gpt model, WorkerPool? pool = null)
{
    /// <summary>Continues a prompt.</summary>
    /// <param name="prompt">At least one token id.</param>
    /// <param name="sampling">How to choose.</param>
    /// <param name="maximumTokens">How many tokens to say at most; at least 0.</param>
    /// <param name="stopIds">Tokens that end the text; they are not given back.</param>
    /// <returns>The tokens after the prompt, as they come.</returns>
    /// <exception cref="InvalidInputException">
    /// The prompt is empty or has a token outside the vocabulary, or an option is impossible.
    /// </exception>
    public IEnumerable<GeneratedToken> Continue(
        IReadOnlyList<int> prompt, SamplingOptions sampling, int maximumTokens, IReadOnlySet<int>? stopIds = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(sampling);
        ArgumentOutOfRangeException.ThrowIfNegative(maximumTokens);
        if (prompt.Count == 0)
        {
            throw new InvalidInputException("the prompt is empty: give at least one token to continue");
        }

        int vocabulary = model.Config.VocabularySize;
        foreach (int id in prompt)
        {
            if (id < 0 || id >= vocabulary)
            {
                throw new InvalidInputException($"the prompt has token {id}, but the model's vocabulary is 0 to {vocabulary - 1}");
            }
        }

        return Say([.. prompt], new Sampler(sampling), maximumTokens, stopIds);
    }

    private IEnumerable<GeneratedToken> Say(int[] prompt, Sampler sampler, int maximumTokens, IReadOnlySet<int>? stopIds)
    {
        List<int> ids = [.. prompt]; // made here, so that going through the tokens again begins at the prompt again
        using var tape = new Tape(model.Parameters, TapeMode.Inference, pool);
        for (int said = 0; said < maximumTokens; said++)
        {
            (int id, double logProbability) = sampler.Choose(NextLogits(tape, ids), (ulong)said);
            if (stopIds?.Contains(id) == true)
            {
                yield break;
            }

            ids.Add(id);
            yield return new GeneratedToken(id, logProbability);
        }
    }

    private float[] NextLogits(Tape tape, List<int> ids)
    {
        int length = Math.Min(ids.Count, model.Config.ContextLength);
        tape.Reset();
        Tensor logits = model.Forward(tape, ids.GetRange(ids.Count - length, length).ToArray(), batchSize: 1); // [1, T, V]
        return logits.Data[^model.Config.VocabularySize..].ToArray();
    }
}
