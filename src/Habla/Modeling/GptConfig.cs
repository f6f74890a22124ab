namespace Habla.Modeling;

/// <summary>
/// The shape of a model: everything that decides which parameters it has and what its forward pass computes. A family sets
/// the defaults; <see cref="Minigpt"/> and <see cref="Gpt2"/> are the starting points, changed by a <c>with</c> expression.
/// </summary>
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

    /// <summary>Added to the variance in every LayerNorm, so that a constant row does not divide by zero.</summary>
    public const float NormEpsilon = 1e-5f;

    /// <summary>The family; it set the defaults of the options below. Default minigpt.</summary>
    public ModelFamily Family { get; init; } = ModelFamily.Minigpt;

    /// <summary>Transformer blocks, <c>L</c>. Default 2; from 1 to 1000.</summary>
    public int LayerCount { get; init; } = 2;

    /// <summary>Attention heads, <c>H</c>; divides <see cref="Width"/>. Default 4; from 1 to 1000.</summary>
    public int HeadCount { get; init; } = 4;

    /// <summary>Numbers per token in the residual stream, <c>C</c>. Default 64; from 1 to 65,536.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Width of the feed-forward's hidden layer, <c>F</c>; usually 4 C. Default 256; from 1 to 1,048,576.</summary>
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

    /// <summary>Whether the output projection is the token embedding's matrix. Default true.</summary>
    public bool TieEmbeddings { get; init; } = true;

    /// <summary>How positions enter. Default rotary for minigpt, learned for gpt2.</summary>
    public PositionKind Position { get; init; } = PositionKind.Rotary;

    /// <summary>The feed-forward block's nonlinearity. Default gelu for minigpt, gelu_tanh for gpt2.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Gelu;

    /// <summary>Whether the four projections of attention have biases. Default false for minigpt, true for gpt2.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether the two layers of the feed-forward block have biases. Default true.</summary>
    public bool FeedForwardBias { get; init; } = true;

    /// <summary>Standard deviation of the weights at the start, normal around 0. Default 0.02; above 0, at most 10.</summary>
    public double InitializationStd { get; init; } = 0.02;

    /// <summary>Numbers per attention head, <c>D = C / H</c>.</summary>
    public int HeadSize => Width / HeadCount;

    /// <summary>
    /// Numbers that training changes. A tied head is counted once; norms have a weight and a bias, the head has no bias.
    /// </summary>
    public long ParameterCount
    {
        get
        {
            long width = Width, hidden = FeedForwardWidth;
            long tokenEmbedding = VocabularySize * width;
            long positionEmbedding = Position == PositionKind.Learned ? ContextLength * width : 0;
            long norm = 2 * width;
            long attention = (4 * width * width) + (AttentionBias ? 4 * width : 0);
            long feedForward = (2 * width * hidden) + (FeedForwardBias ? hidden + width : 0);
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

    /// <summary>The defaults of a family.</summary>
    /// <param name="family">Any family.</param>
    public static GptConfig Of(ModelFamily family) => family switch
    {
        ModelFamily.Minigpt => Minigpt(),
        ModelFamily.Gpt2 => Gpt2(),
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
        if (Width % HeadCount != 0)
        {
            throw new InvalidOptionException(
                "model.d_model",
                $"{Width} is not divisible by model.n_head {HeadCount}; every head gets d_model / n_head numbers");
        }

        CheckTensorSize("model.d_model", Width, "3 times d_model", 3 * (long)Width);
        CheckTensorSize("model.d_ff", FeedForwardWidth, "d_model", Width);
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

    private static void CheckTensorSize(string key, long value, string otherName, long other)
    {
        if (value * other > int.MaxValue)
        {
            throw new InvalidOptionException(
                key, $"{value} times {otherName} makes a tensor of {value * other} numbers; one can hold {int.MaxValue}");
        }
    }
}
