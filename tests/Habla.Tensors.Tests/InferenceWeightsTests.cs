using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests;

/// <summary>A tape with stored weights computes what one computes whose parameters are the rounded weights.</summary>
public sealed class InferenceWeightsTests : IDisposable
{
    private const int Vocabulary = 70, Width = 50, Hidden = 90;

    private readonly ParameterSet _set = new(), _rounded = new();

    public void Dispose()
    {
        _set.Dispose();
        _rounded.Dispose();
    }

    [Theory]
    [InlineData(WeightFormat.Float32)]
    [InlineData(WeightFormat.Float16)]
    [InlineData(WeightFormat.Q8)]
    public void Tables_linear_maps_and_a_tied_head_have_the_bits_of_a_model_with_rounded_weights(WeightFormat format)
    {
        Views views = Add(_set), roundedViews = Add(_rounded);
        foreach ((Parameter parameter, Parameter rounded) in _set.Parameters.Zip(_rounded.Parameters))
        {
            float[] values = new Fuzz(31 + (ulong)parameter.Index).Values(parameter.Shape.Count, 0.4f);
            values.CopyTo(_set.Data(parameter));
            (parameter.Kind == ParameterKind.Weight ? Twin.Stored(format, values, parameter.Shape.Columns) : values)
                .CopyTo(_rounded.Data(rounded));
        }

        using var weights = new InferenceWeights(_set, format);
        foreach (int threads in (int[])[1, 3])
        {
            using Tape tape = new(_set, TapeMode.Inference, Fuzz.Pool(threads)) { InferenceWeights = weights };
            using Tape plain = new(_rounded, TapeMode.Inference);
            foreach (int tokens in (int[])[1, 4, 30])
            {
                tape.Reset();
                plain.Reset();
                Tensor found = Forward(tape, views, tokens), expected = Forward(plain, roundedViews, tokens);
                Bits.AssertSame(expected.Data, found.Data, $"{format}, {threads} threads, {tokens} tokens");
            }
        }

        Assert.Equal(format, weights.Format);
        Assert.InRange(weights.Bytes, (long)Vocabulary * Width, 4L * (128 + 128 + 64) * (Hidden + 32));
    }

    [Fact]
    public void A_matrix_is_stored_when_it_is_first_used_and_once()
    {
        Views views = Add(_set);
        using var weights = new InferenceWeights(_set, WeightFormat.Q8);
        using Tape tape = new(_set, TapeMode.Inference) { InferenceWeights = weights };
        Assert.Equal(0, weights.Bytes);
        Forward(tape, views, 2);
        long bytes = weights.Bytes;
        Assert.Same(weights.Matrix(views.Up, Fuzz.Pool(1)), weights.Matrix(views.Up, Fuzz.Pool(1)));
        Assert.Equal(bytes, weights.Bytes);
    }

    [Fact]
    public void Only_a_float32_tape_that_does_not_record_takes_them_and_only_those_of_its_parameters()
    {
        Add(_set);
        Add(_rounded);
        using var weights = new InferenceWeights(_set, WeightFormat.Q8);
        using var foreign = new Tape(_rounded, TapeMode.Inference);
        Assert.Throws<ArgumentException>(() => foreign.InferenceWeights = weights);
        using var training = new Tape(_set);
        Assert.Throws<InvalidOperationException>(() => training.InferenceWeights = weights);
        using var sixteen = new Tape(_set, TapeMode.Inference, format: ActivationFormat.BFloat16);
        Assert.Throws<InvalidOperationException>(() => sixteen.InferenceWeights = weights);
        Assert.Throws<ArgumentOutOfRangeException>(() => new InferenceWeights(_set, (WeightFormat)9));
    }

    private static Views Add(ParameterSet set) => new(
        set.Add("tokens", new Shape(Vocabulary, Width), ParameterKind.Weight),
        set.Add("up", new Shape(Hidden, Width), ParameterKind.Weight), set.Add("up bias", new Shape(Hidden), ParameterKind.Bias),
        set.Add("down", new Shape(Width, Hidden), ParameterKind.Weight));

    private static Tensor Forward(Tape tape, Views views, int count)
    {
        int[] ids = [.. Enumerable.Range(0, count).Select(i => i * 11 % Vocabulary)];
        Tensor x = Embedding.Lookup(tape, tape.Use(views.Tokens), ids, 1);
        Tensor wide = LinearGelu.Apply(tape, x, tape.Use(views.Up), tape.Use(views.UpBias), GeluForm.Tanh);
        return Linear.Apply(tape, Linear.Apply(tape, wide, tape.Use(views.Down)), tape.Use(views.Tokens));
    }

    private sealed record Views(ParameterView Tokens, ParameterView Up, ParameterView UpBias, ParameterView Down);
}
