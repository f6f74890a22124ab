using System.Text.Json.Serialization;
using Habla.Tensors.Ops;

namespace Habla.Modeling;

/// <summary>
/// The shape of a model: everything that decides which parameters it has and what its forward pass computes. A family sets
/// the defaults; <see cref="Minigpt"/>, <see cref="Gpt2"/> and <see cref="Llama"/> are the starting points, changed by a <c>with</c>
/// expression.
/// </summary>
/// <remarks>
/// It stands in the metadata of weight files, whose hashes must not change: an option that came later is written only where it is not
/// the first families' value.
/// </remarks>
public sealed record GptConfig
{
    internal static readonly OptionRange LayerCountRange = new(1, 1_000);
    internal static readonly OptionRange HeadCountRange = new(1, 1_000);
    internal static readonly OptionRange WidthRange = new(1, 65_536);
    internal static readonly OptionRange FeedForwardWidthRange = new(1, 1_048_576);
    internal static readonly OptionRange VocabularySizeRange = new(1, 1_048_576);
    internal static readonly OptionRange ContextLengthRange = new(1, 1_048_576);
    internal static readonly OptionRange DropoutRange = new(0, 1, ExcludeMaximum: true);
    internal static readonly OptionRange InitializationStdRange = new(0, 10, ExcludeMinimum: true);

    private const double DefaultNormEpsilon = 1e-5;

    internal static readonly OptionRange RotaryBaseRange = new(1, 1e9, ExcludeMinimum: true);
    internal static readonly OptionRange RotaryFactorRange = new(1, 1_000);
    internal static readonly OptionRange RotaryTurnsRange = new(0, 1_000, ExcludeMinimum: true);
    internal static readonly OptionRange NormEpsilonRange = new(1e-12, 0.1);

    /// <summary>The family; it set the defaults of the options below. Default minigpt.</summary>
    public ModelFamily Family { get; init; } = ModelFamily.Minigpt;

    /// <summary>Transformer blocks, <c>L</c>. Default 2; from 1 to 1000.</summary>
    public int LayerCount { get; init; } = 2;

    /// <summary>Attention heads, <c>H</c>; divides <see cref="Width"/>. Default 4; from 1 to 1000.</summary>
    public int HeadCount { get; init; } = 4;

    /// <summary>
    /// Heads of keys and of values, <c>H_kv</c>; divides <see cref="HeadCount"/>, and each serves as many neighbouring heads of queries.
    /// Default null: as many as heads; from 1 to 1000.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? KeyValueHeadCount { get; init; }

    /// <summary>Numbers per token in the residual stream, <c>C</c>. Default 64; from 1 to 65,536.</summary>
    public int Width { get; init; } = 64;

    /// <summary>
    /// Width of the feed-forward's hidden layer, <c>F</c>; usually 4 C, with SwiGLU 8/3 C. Default 256; from 1 to 1,048,576.
    /// </summary>
    public int FeedForwardWidth { get; init; } = 256;

    /// <summary>Distinct tokens, <c>V</c>; the tokenizer's size. Default 64; from 1 to 1,048,576.</summary>
    public int VocabularySize { get; init; } = 64;

    /// <summary>The most tokens the model takes at once, <c>T</c>. Default 32; from 1 to 1,048,576.</summary>
    public int ContextLength { get; init; } = 32;

    /// <summary>
    /// Probability with which training zeroes a number of the embeddings, the attention weights and both residual branches.
    /// Default 0; at least 0, below 1.
    /// </summary>
    public double Dropout { get; init; }

    /// <summary>Whether the output projection is the token embedding's matrix. Default true; false for llama.</summary>
    public bool TieEmbeddings { get; init; } = true;

    /// <summary>How positions enter. Default rotary for minigpt and llama, learned for gpt2.</summary>
    public PositionKind Position { get; init; } = PositionKind.Rotary;

    /// <summary>
    /// The base θ of rotary positions: the pair i of a head of D numbers turns by θ^(−2i/D) a position. Default 10,000; above 1, at most
    /// 10⁹.
    /// </summary>
    [JsonIgnore]
    public double RotaryBase { get; init; } = RotaryTable.Base;

    /// <summary>How rotary positions reach past the context of their first training. Default none: a factor of 1.</summary>
    [JsonIgnore]
    public RotaryScaling RotaryScaling { get; init; } = RotaryScaling.None;

    /// <summary>How rows are normalized. Default layernorm; rmsnorm for llama.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public NormKind Norm { get; init; }

    /// <summary>
    /// Added to the variance or mean square in every norm, so that a constant row does not divide by zero. Default 10⁻⁵; from 10⁻¹² to 0.1.
    /// </summary>
    [JsonIgnore]
    public double NormEpsilon { get; init; } = DefaultNormEpsilon;

    /// <summary>The feed-forward block's nonlinearity. Default gelu for minigpt, gelu_tanh for gpt2, swiglu for llama.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Gelu;

    /// <summary>Whether the four projections of attention have biases. Default false for minigpt and llama, true for gpt2.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether the layers of the feed-forward block have biases. Default true; false for llama.</summary>
    public bool FeedForwardBias { get; init; } = true;

    /// <summary>Standard deviation of the weights at the start, normal around 0. Default 0.02; above 0, at most 10.</summary>
    public double InitializationStd { get; init; } = 0.02;

    /// <summary>Numbers per attention head, <c>D = C / H</c>.</summary>
    public int HeadSize => Width / HeadCount;

    /// <summary><see cref="KeyValueHeadCount"/>, or <see cref="HeadCount"/> where that is null.</summary>
    [JsonIgnore]
    public int KeyValueHeads => KeyValueHeadCount ?? HeadCount;

    /// <summary>
    /// Numbers that training changes. A tied head is counted once; LayerNorm has a weight and a bias, RMSNorm a weight, the head no bias.
    /// </summary>
    public long ParameterCount
    {
        get
        {
            long width = Width, hidden = FeedForwardWidth;
            long tokenEmbedding = VocabularySize * width;
            long positionEmbedding = Position == PositionKind.Learned ? ContextLength * width : 0;
            long norm = Norm == NormKind.Layernorm ? 2 * width : width;
            long projections = (2 * width) + (2 * (long)KeyValueHeads * HeadSize);
            long attention = (projections * width) + (AttentionBias ? projections : 0);
            long hiddenLayers = Activation == ActivationKind.Swiglu ? 2 * hidden : hidden;
            long feedForward = ((hiddenLayers + hidden) * width) + (FeedForwardBias ? hiddenLayers + width : 0);
            long block = norm + attention + norm + feedForward;
            long head = TieEmbeddings ? 0 : VocabularySize * width;
            return tokenEmbedding + positionEmbedding + (LayerCount * block) + norm + head;
        }
    }

    /// <summary>A model of the family minigpt: rotary positions, exact GELU, no bias in attention, tied head.</summary>
    public static GptConfig Minigpt() => new();

    /// <summary>A model of the family gpt2: learned positions, tanh GELU, biases everywhere, tied head.</summary>
    public static GptConfig Gpt2() => new()
    {
        Family = ModelFamily.Gpt2,
        Position = PositionKind.Learned,
        Activation = ActivationKind.GeluTanh,
        AttentionBias = true,
    };

    /// <summary>A model of the family llama: RMSNorm, rotary positions, SwiGLU, no biases, untied head.</summary>
    public static GptConfig Llama() => new()
    {
        Family = ModelFamily.Llama,
        Norm = NormKind.Rmsnorm,
        Activation = ActivationKind.Swiglu,
        FeedForwardBias = false,
        TieEmbeddings = false,
    };

    /// <summary>The defaults of a family.</summary>
    /// <param name="family">Any family.</param>
    public static GptConfig Of(ModelFamily family) => family switch
    {
        ModelFamily.Minigpt => Minigpt(),
        ModelFamily.Gpt2 => Gpt2(),
        ModelFamily.Llama => Llama(),
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "not a family"),
    };

    /// <summary>Checks every value and how they fit together.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names its <c>model.key</c>.</exception>
    public void Validate()
    {
        LayerCountRange.Check("model.n_layer", LayerCount);
        HeadCountRange.Check("model.n_head", HeadCount);
        WidthRange.Check("model.d_model", Width);
        FeedForwardWidthRange.Check("model.d_ff", FeedForwardWidth);
        VocabularySizeRange.Check("model.vocab_size", VocabularySize);
        ContextLengthRange.Check("model.max_seq_len", ContextLength);
        DropoutRange.Check("model.dropout", Dropout);
        InitializationStdRange.Check("model.init_std", InitializationStd);
        RotaryBaseRange.Check("model.rope_theta", RotaryBase);
        NormEpsilonRange.Check("model.norm_eps", NormEpsilon);
        CheckRotaryScaling();
        if (Width % HeadCount != 0)
        {
            throw new InvalidOptionException(
                "model.d_model",
                $"{Width} is not divisible by model.n_head {HeadCount}; every head gets d_model / n_head numbers");
        }

        if (KeyValueHeadCount is { } keyValueHeads)
        {
            HeadCountRange.Check("model.n_kv_head", keyValueHeads);
            if (HeadCount % keyValueHeads != 0)
            {
                throw new InvalidOptionException(
                    "model.n_kv_head",
                    $"{keyValueHeads} does not divide model.n_head {HeadCount}; each head of keys and values serves as many heads of queries");
            }
        }

        CheckTensorSize("model.d_model", Width, "3 times d_model", 3 * (long)Width);
        bool gated = Activation == ActivationKind.Swiglu;
        CheckTensorSize("model.d_ff", FeedForwardWidth, gated ? "2 times d_model" : "d_model", gated ? 2L * Width : Width);
        CheckTensorSize("model.vocab_size", VocabularySize, "d_model", Width);
        CheckTensorSize("model.max_seq_len", ContextLength, "d_model", Width);
        if (Position == PositionKind.Rotary && HeadSize % 2 != 0)
        {
            throw new InvalidOptionException(
                "model.d_model",
                $"{Width} divided by model.n_head {HeadCount} gives heads of {HeadSize} numbers; rotary positions turn pairs, "
                + "so the head size must be even (or set model.position: learned)");
        }
    }

    /// <summary><see cref="RotaryBase"/> as files have it; null for the default, which they leave out.</summary>
    [JsonInclude, JsonPropertyName("rope_theta"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal double? SavedRotaryBase
    {
        get => RotaryBase == RotaryTable.Base ? null : RotaryBase;
        init => RotaryBase = value ?? RotaryTable.Base;
    }

    /// <summary><see cref="RotaryScaling"/> as files have it; null where it changes nothing.</summary>
    [JsonInclude, JsonPropertyName("rope_scaling"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal RotaryScaling? SavedRotaryScaling
    {
        get => RotaryScaling.Factor == 1 ? null : RotaryScaling;
        init => RotaryScaling = value ?? RotaryScaling.None;
    }

    /// <summary><see cref="NormEpsilon"/> as files have it; null for the default, which they leave out.</summary>
    [JsonInclude, JsonPropertyName("norm_eps"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal double? SavedNormEpsilon
    {
        get => NormEpsilon == DefaultNormEpsilon ? null : NormEpsilon;
        init => NormEpsilon = value ?? DefaultNormEpsilon;
    }

    private void CheckRotaryScaling()
    {
        RotaryFactorRange.Check("model.rope_scaling.factor", RotaryScaling.Factor);
        RotaryTurnsRange.Check("model.rope_scaling.low_freq_factor", RotaryScaling.LowFrequencyFactor);
        RotaryTurnsRange.Check("model.rope_scaling.high_freq_factor", RotaryScaling.HighFrequencyFactor);
        ContextLengthRange.Check("model.rope_scaling.original_context", RotaryScaling.OriginalContext);
        if (RotaryScaling.HighFrequencyFactor <= RotaryScaling.LowFrequencyFactor)
        {
            throw new InvalidOptionException(
                "model.rope_scaling.high_freq_factor",
                FormattableString.Invariant(
                    $"{RotaryScaling.HighFrequencyFactor} is not above model.rope_scaling.low_freq_factor {RotaryScaling.LowFrequencyFactor}"));
        }
    }

    private static void CheckTensorSize(string key, long value, string otherName, long other)
    {
        if (value * other > int.MaxValue)
        {
            throw new InvalidOptionException(
                key, $"{value} times {otherName} makes a tensor of {value * other} numbers; one can hold {int.MaxValue}");
        }
    }
}
