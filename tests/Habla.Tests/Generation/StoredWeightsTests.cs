using Habla.Benchmarks;
using Habla.Generation;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Threading;
using Habla.Tests.Training;

namespace Habla.Tests.Generation;

/// <summary>Sessions whose weights are stored in 16 or 8 bits.</summary>
public sealed class StoredWeightsTests
{
    private static readonly int[] s_prompt = [3, 1, 4, 1, 5, 9, 2, 6];

    [Theory]
    [InlineData("lab", WeightFormat.Float16, 1)]
    [InlineData("lab", WeightFormat.Q8, 2)]
    [InlineData("book", WeightFormat.Q8, 1)]
    [InlineData("nanogpt-cpu", WeightFormat.Float16, 2)]
    [InlineData("nanogpt-cpu", WeightFormat.Q8, 1)]
    public void The_logits_have_the_bits_of_a_model_whose_matrices_are_rounded(string preset, WeightFormat format, int threads)
    {
        GptConfig config = BenchmarkPreset.Named(preset)[0].Model;
        using Gpt model = TrainingSamples.Model(config), rounded = TrainingSamples.Model(config);
        foreach (Parameter parameter in rounded.Parameters.Parameters.Where(IsStored))
        {
            Round(format, rounded.Parameters.Data(parameter), parameter.Shape.Columns);
        }

        using var pool = new WorkerPool(threads);
        using InferenceSession stored = new(model, new InferenceOptions { Weights = format }, pool), plain = new(rounded);
        using InferenceSession uncached = new(model, new InferenceOptions { Weights = format, UseCache = false }, pool);
        InferenceSession[] all = [stored, plain, uncached];
        Array.ForEach(all, session => session.Start(s_prompt, samples: 2));
        for (int token = 0; token < 40; token++)
        {
            for (int sample = 0; sample < 2; sample++)
            {
                int[] expected = TrainingSamples.Bits(plain.Logits(sample).ToArray());
                Assert.Equal(expected, TrainingSamples.Bits(stored.Logits(sample).ToArray()));
                Assert.Equal(expected, TrainingSamples.Bits(uncached.Logits(sample).ToArray()));
            }

            Array.ForEach(all, session => session.Append([token % 50, (token * 7) % 50]));
        }
    }

    /// <summary>Relative to the root mean square of the logits; 0.0020 and 0.043 were measured over 20 tokens.</summary>
    [Theory]
    [InlineData(WeightFormat.Float16, 0.004)]
    [InlineData(WeightFormat.Q8, 0.08)]
    public void Logits_are_near_those_of_float32(WeightFormat format, double bound)
    {
        using var model = new Gpt(BenchmarkPreset.Named("nanogpt-cpu")[0].Model);
        Initialization.Initialize(model, 42);
        using InferenceSession stored = new(model, new InferenceOptions { Weights = format }), plain = new(model);
        stored.Start(s_prompt);
        plain.Start(s_prompt);
        float[] expected = plain.Logits(0).ToArray(), found = stored.Logits(0).ToArray();
        double size = Math.Sqrt(expected.Average(logit => (double)logit * logit));
        double largest = expected.Zip(found, (a, b) => Math.Abs((double)a - b)).Max() / size;
        Assert.InRange(largest, 1e-9, bound);
    }

    [Fact]
    public void A_session_says_how_many_bytes_of_matrices_a_token_reads()
    {
        using Gpt model = TrainingSamples.Model(BenchmarkPreset.Named("nanogpt-cpu")[0].Model);
        long weights = (4L * 12 * 128 * 128) + (65 * 128);
        foreach ((WeightFormat format, double bytes) in ((WeightFormat, double)[])
            [(WeightFormat.Float32, 4), (WeightFormat.Float16, 2), (WeightFormat.Q8, 1 + (2.0 / 32))])
        {
            using var session = new InferenceSession(model, new InferenceOptions { Weights = format });
            Assert.Equal(0, session.WeightBytes);
            session.Start(s_prompt);
            Assert.Equal((long)(weights * bytes), session.WeightBytes);
        }
    }

    [Fact]
    public void Formats_have_the_names_of_the_command_line()
    {
        Assert.Equal(["float32", "float16", "q8_0"], WeightFormats.Names);
        Assert.All(Enum.GetValues<WeightFormat>(), format => Assert.Equal(format, WeightFormats.Named(WeightFormats.Name(format))));
        Assert.Equal((WeightFormat.Float32, WeightFormat.Float16), (WeightFormats.Named("fp32"), WeightFormats.Named("fp16")));
        var error = Assert.Throws<InvalidInputException>(() => WeightFormats.Named("q4_0"));
        Assert.Equal("there is no format of weights 'q4_0'; there are float32, float16, q8_0", error.Message);
    }

    /// <summary>Matrices and the table of tokens; learned positions stay as they are.</summary>
    private static bool IsStored(Parameter parameter) =>
        parameter.Kind == ParameterKind.Weight && parameter.Name != ParameterNames.PositionEmbedding;

    private static void Round(WeightFormat format, Span<float> matrix, int columns)
    {
        for (int row = 0; row < matrix.Length; row += columns)
        {
            Span<float> weights = matrix.Slice(row, columns);
            if (format == WeightFormat.Q8)
            {
                Q8Block.Round(weights, weights);
                continue;
            }

            foreach (ref float weight in weights)
            {
                weight = (float)(Half)weight;
            }
        }
    }
}
