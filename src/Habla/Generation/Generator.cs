using Habla.Modeling;
using Habla.Tensors.Threading;

namespace Habla.Generation;

/// <summary>
/// Continues sequences of token ids, one token after another. What the model sees past its context is told in
/// <see cref="InferenceSession"/>.
/// </summary>
/// <param name="model">The model; its weights must not change meanwhile.</param>
/// <param name="pool">The threads; null (the default) for the calling thread alone. They change no bit.</param>
/// <param name="options">How the model is run; null (the default) for the defaults.</param>
public sealed class Generator(Gpt model, WorkerPool? pool = null, InferenceOptions? options = null)
{
    /// <summary>Continues a prompt, once or several times side by side.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="onText">Hears the texts while they are made; null (the default) for nobody.</param>
    /// <param name="session">
    /// A session of this model to read with, for prompts that begin like the text before, as in a conversation: what is read stays read.
    /// Null (the default) for one that is made for this call.
    /// </param>
    /// <param name="cancellation">Ends all texts after the token that is being made.</param>
    /// <returns>
    /// The texts. A text does not depend on how many are made beside it, and the first of several is the one that would be made alone.
    /// </returns>
    /// <exception cref="InvalidInputException">The request cannot be met by this model.</exception>
    /// <exception cref="ArgumentException">The session is one of another model.</exception>
    public GenerationResult Generate(
        GenerationRequest request, TextListener? onText = null, InferenceSession? session = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate(model.Config);
        using var run = new GenerationRun(model, request, session, options, pool, onText);
        while (!cancellation.IsCancellationRequested && run.Step())
        {
        }

        run.Finish(GenerationEnd.Cancelled);
        return new GenerationResult([.. run.Samples.Select(sample => sample.Result())], run.WindowSlides);
    }

    /// <summary>Continues a prompt and gives each token back as it comes.</summary>
    /// <param name="prompt">At least one token id, at most the model's context.</param>
    /// <param name="sampling">How to choose.</param>
    /// <param name="maximumTokens">How many tokens to say at most; at least 0.</param>
    /// <param name="stopIds">Tokens that end the text; they are not given back.</param>
    /// <returns>The tokens after the prompt with their log-probabilities.</returns>
    /// <exception cref="InvalidInputException">
    /// The prompt is empty, too long or has a token outside the vocabulary, or an option is impossible.
    /// </exception>
    public IEnumerable<GeneratedToken> Continue(
        IReadOnlyList<int> prompt, SamplingOptions sampling, int maximumTokens, IReadOnlySet<int>? stopIds = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(sampling);
        var request = new GenerationRequest
        {
            Prompt = [.. prompt], Sampling = sampling, MaximumTokens = maximumTokens, WithLogProbabilities = true,
            StopIds = stopIds ?? new HashSet<int>(),
        };
        request.Validate(model.Config);
        return Say(request);
    }

    private IEnumerable<GeneratedToken> Say(GenerationRequest request)
    {
        using var run = new GenerationRun(model, request, session: null, options, pool, onText: null);
        IReadOnlyList<GeneratedToken> tokens = run.Samples[0].Tokens;
        while (run.Step() && run.Samples[0].End is null)
        {
            yield return tokens[^1];
        }
    }
}
