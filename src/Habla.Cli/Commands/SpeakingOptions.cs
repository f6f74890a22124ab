using System.CommandLine;
using System.Globalization;
using Habla.Generation;
using Habla.Tensors;

namespace Habla.Cli.Commands;

/// <summary>What generate and chat have in common: how tokens are chosen, what ends a text, and how the model is run.</summary>
internal sealed class SpeakingOptions
{
    private readonly Option<int> _maximum;
    private readonly Option<double> _temperature;
    private readonly Option<int> _topK = new("--top-k") { Description = "keep the k likeliest tokens; 0 keeps all" };
    private readonly Option<double> _topP = CommonOptions.Number(
        "--top-p", "keep the fewest likeliest tokens that reach this sum of probability", 1);

    private readonly Option<double> _minP = CommonOptions.Number(
        "--min-p", "keep tokens at least this share as likely as the likeliest", 0);

    private readonly Option<double> _repetition = CommonOptions.Number(
        "--repetition-penalty", "above 1 makes tokens of prompt and text less likely", 1);

    private readonly Option<double> _frequency = CommonOptions.Number(
        "--frequency-penalty", "taken from a token's logit for each time it was said", 0);

    private readonly Option<double> _presence = CommonOptions.Number(
        "--presence-penalty", "taken from a token's logit once it was said", 0);

    private readonly Option<string[]> _bias = new("--logit-bias")
    {
        Description = "ID=VALUE: added to a token's logit, -inf forbids it; may be repeated", AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<ulong> _seed = new("--seed") { Description = "seed of the draws: same seed, same text" };
    private readonly Option<string[]> _stop = new("--stop")
    {
        Description = "a text that ends what is said and is not part of it; \\n is a line end; may be repeated",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<int[]> _stopToken = new("--stop-token")
    {
        Description = "the id of a token that does the same; may be repeated", AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _noCache = new("--no-cache")
    {
        Description = "compute everything anew for each token: the same text, slowly",
    };

    private readonly Option<string?> _quantize = new("--quantize")
    {
        Description = "store the weights in fewer bits while it runs: q8_0 or fp16; arithmetic stays float32",
    };

    /// <param name="command">Is given the options.</param>
    /// <param name="maximumTokens">How many tokens are said unless another number is given.</param>
    /// <param name="temperature">The temperature unless another is given.</param>
    public SpeakingOptions(Command command, int maximumTokens, double temperature)
    {
        _maximum = new Option<int>("--max-tokens")
        {
            Description = "tokens to say at most", DefaultValueFactory = _ => maximumTokens,
        };
        _temperature = CommonOptions.Number(
            "--temperature", "below 1 the likely become likelier; 0 always takes the likeliest", temperature);
        Option[] all =
        [
            _maximum, _temperature, _topK, _topP, _minP, _repetition, _frequency, _presence, _bias, _seed, _stop, _stopToken, _noCache, _quantize,
        ];
        Array.ForEach(all, command.Add);
    }

    /// <summary>Puts what was typed into a request.</summary>
    /// <exception cref="InvalidInputException">A value is impossible.</exception>
    public GenerationRequest Apply(ParseResult parsed, GenerationRequest request)
    {
        int maximum = parsed.GetValue(_maximum);
        if (maximum < 0)
        {
            throw new InvalidInputException($"--max-tokens {maximum}: expected a whole number of at least 0");
        }

        return request with
        {
            MaximumTokens = maximum, Sampling = Sampling(parsed),
            StopIds = new HashSet<int>([.. request.StopIds, .. parsed.GetValue(_stopToken) ?? []]),
            StopTexts = [.. request.StopTexts, .. (parsed.GetValue(_stop) ?? []).Select(EscapedText.Read)],
        };
    }

    /// <summary>How tokens are chosen.</summary>
    /// <exception cref="InvalidInputException">A value is impossible.</exception>
    public SamplingOptions Sampling(ParseResult parsed)
    {
        var sampling = new SamplingOptions
        {
            Temperature = parsed.GetValue(_temperature), TopK = parsed.GetValue(_topK), TopP = parsed.GetValue(_topP),
            MinP = parsed.GetValue(_minP), RepetitionPenalty = parsed.GetValue(_repetition),
            FrequencyPenalty = parsed.GetValue(_frequency), PresencePenalty = parsed.GetValue(_presence),
            LogitBias = Bias(parsed.GetValue(_bias) ?? []), Seed = parsed.GetValue(_seed),
        };
        sampling.Validate();
        RefuseCutsWithoutDraw(sampling);
        return sampling;
    }

    /// <summary>How the model is run.</summary>
    /// <exception cref="InvalidInputException">There are no such weights.</exception>
    public InferenceOptions Inference(ParseResult parsed) => new()
    {
        UseCache = !parsed.GetValue(_noCache),
        Weights = parsed.GetValue(_quantize) is { } name
            ? WeightFormats.Find(name) ?? throw new InvalidInputException($"--quantize {name}: expected q8_0 or fp16")
            : WeightFormat.Float32,
    };

    private static Dictionary<int, double> Bias(string[] pairs)
    {
        var bias = new Dictionary<int, double>();
        foreach (string pair in pairs)
        {
            string[] parts = pair.Split('=', 2);
            double value = parts is [_, "-inf"] ? double.NegativeInfinity : 0;
            if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int id)
                || (value == 0 && !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out value)))
            {
                throw new InvalidInputException($"--logit-bias {pair}: expected ID=VALUE, such as 17=-2.5 or 17=-inf");
            }

            if (!bias.TryAdd(id, value))
            {
                throw new InvalidInputException($"--logit-bias {pair}: token {id} has a value already; give one");
            }
        }

        return bias;
    }

    /// <summary>At temperature 0 the cuts have nothing to do: whoever asks for them expects a draw.</summary>
    private static void RefuseCutsWithoutDraw(SamplingOptions sampling)
    {
        string? cut = sampling.TopK > 0 ? "--top-k" : sampling.TopP < 1 ? "--top-p" : sampling.MinP > 0 ? "--min-p" : null;
        if (sampling.IsGreedy && cut is not null)
        {
            throw new InvalidInputException(
                $"{cut} narrows a draw, but at temperature 0 nothing is drawn; add --temperature 0.8, or leave {cut} out");
        }
    }
}
