using System.Text.Json;
using Habla.Tests.Golden;

namespace Habla.Tensors.Tests.Reference;

/// <summary>The judges are judged: against PyTorch (tests/golden/ops.json), finite differences, and facts known by hand.</summary>
public class ReferenceOpsTests
{
    private const double Exact = 1e-13;
    private const double Differences = 1e-8;

    [Fact]
    public void Embedding_agrees_with_PyTorch()
    {
        Golden op = Golden.Of("embedding");
        AssertClose(op.Output, ReferenceOps.Embedding(op.Integers("ids"), op["table"], 3), Exact);
        AssertClose(op.Gradient("table"), ReferenceOps.EmbeddingBackward(op.OutputGradient, op.Integers("ids"), 5, 3), Exact);
    }

    [Fact]
    public void Linear_agrees_with_PyTorch()
    {
        Golden op = Golden.Of("linear");
        AssertClose(op.Output, ReferenceOps.Linear(op["x"], op["weight"], op["bias"], 5, 7, 3), Exact);
        (double[] x, double[] weight, double[] bias) = ReferenceOps.LinearBackward(op.OutputGradient, op["x"], op["weight"], 5, 7, 3);
        AssertClose(op.Gradient("x"), x, Exact);
        AssertClose(op.Gradient("weight"), weight, Exact);
        AssertClose(op.Gradient("bias"), bias, Exact);
        double[] unbiased = ReferenceOps.Linear(op["x"], op["weight"], null, 5, 7, 3);
        AssertClose(op.Output, ReferenceOps.Add(unbiased, [.. Enumerable.Repeat(op["bias"], 5).SelectMany(b => b)]), Exact);
    }

    [Fact]
    public void LayerNorm_agrees_with_PyTorch()
    {
        Golden op = Golden.Of("layer_norm");
        AssertClose(op.Output, ReferenceOps.LayerNorm(op["x"], op["weight"], op["bias"], 5, 7), Exact);
        (double[] x, double[] weight, double[] bias) = ReferenceOps.LayerNormBackward(op.OutputGradient, op["x"], op["weight"], 5, 7);
        AssertClose(op.Gradient("x"), x, Exact);
        AssertClose(op.Gradient("weight"), weight, Exact);
        AssertClose(op.Gradient("bias"), bias, Exact);
    }

    [Fact]
    public void Both_forms_of_Gelu_agree_with_PyTorch()
    {
        Golden erf = Golden.Of("gelu"), tanh = Golden.Of("gelu_tanh");
        AssertClose(erf.Output, ReferenceOps.Gelu(erf["x"]), Exact);
        AssertClose(erf.Gradient("x"), ReferenceOps.GeluBackward(erf.OutputGradient, erf["x"]), Exact);
        AssertClose(tanh.Output, ReferenceOps.GeluTanh(tanh["x"]), Exact);
        AssertClose(tanh.Gradient("x"), ReferenceOps.GeluTanhBackward(tanh.OutputGradient, tanh["x"]), Exact);
    }

    [Fact]
    public void RmsNorm_and_SwiGlu_agree_with_PyTorch()
    {
        Golden norm = Golden.Of("rms_norm"), gated = Golden.Of("swiglu");
        AssertClose(norm.Output, ReferenceOps.RmsNorm(norm["x"], norm["weight"], 5, 7), Exact);
        (double[] x, double[] weight) = ReferenceOps.RmsNormBackward(norm.OutputGradient, norm["x"], norm["weight"], 5, 7);
        AssertClose(norm.Gradient("x"), x, Exact);
        AssertClose(norm.Gradient("weight"), weight, Exact);
        AssertClose(gated.Output, ReferenceOps.SwiGlu(gated["x"], 5, 7), Exact);
        AssertClose(gated.Gradient("x"), ReferenceOps.SwiGluBackward(gated.OutputGradient, gated["x"], 5, 7), Exact);
    }

    [Fact]
    public void Rotary_agrees_with_PyTorch()
    {
        Golden op = Golden.Of("rotary");
        AssertClose(op.Output, ReferenceOps.Rotary(op["x"], 2, 5, 12, 3), Exact);
        AssertClose(op.Gradient("x"), ReferenceOps.RotaryBackward(op.OutputGradient, 2, 5, 12, 3), Exact);
    }

    [Fact]
    public void Rotary_scores_depend_on_the_distance_alone()
    {
        double[] query = [0.3, -1.2, 0.7, 2.0], key = [1.1, 0.4, -0.9, 0.2];
        double[] turnedQueries = ReferenceOps.Rotary([.. Enumerable.Repeat(query, 6).SelectMany(x => x)], 1, 6, 4, 1);
        double[] turnedKeys = ReferenceOps.Rotary([.. Enumerable.Repeat(key, 6).SelectMany(x => x)], 1, 6, 4, 1);
        double Score(int t, int s) => Enumerable.Range(0, 4).Sum(d => turnedQueries[(t * 4) + d] * turnedKeys[(s * 4) + d]);
        Assert.Equal(Score(2, 0), Score(5, 3), 1e-14);
        Assert.Equal(query, turnedQueries[..4]);
    }

    [Fact]
    public void Attention_agrees_with_PyTorch()
    {
        Golden op = Golden.Of("attention");
        bool[] visible = [.. op.Integers("mask").Select(flag => flag == 1)];
        AssertClose(op.Output, ReferenceOps.Attention(op["q"], op["k"], op["v"], visible, 3, 5, 6, 3), Exact);
        (double[] q, double[] k, double[] v) =
            ReferenceOps.AttentionBackward(op.OutputGradient, op["q"], op["k"], op["v"], visible, 3, 5, 6, 3);
        AssertClose(op.Gradient("q"), q, Exact);
        AssertClose(op.Gradient("k"), k, Exact);
        AssertClose(op.Gradient("v"), v, Exact);
        Assert.All(op.Output[60..72], value => Assert.Equal(0, value)); // two queries of the last row see nothing
    }

    [Fact]
    public void Attention_with_dropout_has_the_gradient_that_differences_find()
    {
        const int batch = 2, length = 4, width = 6, heads = 2;
        double[] q = Numbers.Normal(1, batch * length * width), k = Numbers.Normal(2, q.Length), v = Numbers.Normal(3, q.Length);
        double[] dy = Numbers.Normal(4, q.Length);
        bool[] visible = [true, true, false, true, false, true, true, true];
        double[] factors = [.. Numbers.Normal(5, batch * heads * length * length).Select(x => x > 0 ? 1 / 0.7 : 0)];
        double Loss(double[] queries, double[] keys, double[] values) =>
            Dot(dy, ReferenceOps.Attention(queries, keys, values, visible, batch, length, width, heads, factors));

        (double[] dq, double[] dk, double[] dv) =
            ReferenceOps.AttentionBackward(dy, q, k, v, visible, batch, length, width, heads, factors);
        AssertClose(FiniteDifference.Gradient(x => Loss(x, k, v), q), dq, Differences);
        AssertClose(FiniteDifference.Gradient(x => Loss(q, x, v), k), dk, Differences);
        AssertClose(FiniteDifference.Gradient(x => Loss(q, k, x), v), dv, Differences);
    }

    [Fact]
    public void Cross_entropy_agrees_with_PyTorch_and_with_ln_V()
    {
        Golden op = Golden.Of("cross_entropy");
        int[] targets = op.Integers("targets");
        bool[] counts = [.. op.Integers("loss_mask").Select(flag => flag == 1)];
        Assert.Equal(op.Output[0], ReferenceOps.CrossEntropy(op["logits"], targets, counts, 5), Exact);
        AssertClose(
            op.Gradient("logits"),
            ReferenceOps.CrossEntropyBackward(op.OutputGradient[0], op["logits"], targets, counts, 5), Exact);

        Assert.Equal(Math.Log(7), ReferenceOps.CrossEntropy(new double[14], [3, 0], null, 7), 1e-15);
        Assert.Equal(Math.Log(7) / 5, ReferenceOps.CrossEntropy(new double[14], [3, 0], [true, false], 7, divisor: 5), 1e-15);
        Assert.Equal(0, ReferenceOps.CrossEntropy(new double[14], [3, 0], [false, false], 7));
    }

    [Fact]
    public void Softmax_survives_large_scores_and_sums_to_one()
    {
        double[] shares = ReferenceOps.Softmax([1000, 999, 0]);
        Assert.Equal(1, shares.Sum(), 1e-15);
        Assert.Equal(1 / (1 + Math.Exp(-1)), shares[0], 1e-15);
    }

    [Fact]
    public void Dropout_keeps_the_mean_and_norms_add_up()
    {
        Assert.Equal([2.0, 0, 6], ReferenceOps.Dropout([1, 2, 3], [true, false, true], 0.5));
        Assert.Equal(13, ReferenceOps.GradientNorm([3, 4], [12]));
    }

    [Fact]
    public void AdamW_agrees_with_PyTorch()
    {
        using JsonDocument document = GoldenTensor.Open("ops.json");
        JsonElement golden = document.RootElement.GetProperty("adamw");
        double[] weight = GoldenTensor.Read(golden.GetProperty("weight")).Values;
        double[] first = new double[weight.Length], second = new double[weight.Length];
        for (int step = 0; step < 3; step++)
        {
            double[] gradient = GoldenTensor.Read(golden.GetProperty("gradients")[step]).Values;
            ReferenceOps.AdamW(weight, gradient, first, second, step + 1, 0.01, 0.9, 0.95, 1e-8, 0.1);
            AssertClose(GoldenTensor.Read(golden.GetProperty("weights")[step]).Values, weight, Exact);
        }
    }

    [Theory]
    [InlineData(0, 3e-6)]
    [InlineData(49, 1.5e-4)]
    [InlineData(99, 3e-4)]
    [InlineData(100, 3e-4)]
    [InlineData(1050, 1.65e-4)]
    [InlineData(2000, 3e-5)]
    public void The_learning_rate_rises_then_falls(int step, double expected) =>
        Assert.Equal(expected, ReferenceOps.LearningRate(step, 100, 2000, 3e-4, 3e-5), 1e-18);

    [Fact]
    public void Differences_find_known_slopes()
    {
        double[] x = [0.5, -2, 100];
        double[] slopes = FiniteDifference.Gradient(p => Math.Sin(p[0]) + (p[1] * p[1] * p[2]), x);
        AssertClose([Math.Cos(0.5), -400, 4], slopes, Differences);
        Assert.Equal([0.5, -2, 100], x);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 5)]
    public void Every_backward_is_what_differences_find(int rows, int width)
    {
        double[] x = Numbers.Normal(1, rows * width), weight = Numbers.Normal(2, width), bias = Numbers.Normal(3, width);
        double[] dy = Numbers.Normal(4, rows * width), matrix = Numbers.Normal(5, width * width);
        var norm = ReferenceOps.LayerNormBackward(dy, x, weight, rows, width);
        AssertClose(FiniteDifference.Gradient(p => Dot(dy, ReferenceOps.LayerNorm(p, weight, bias, rows, width)), x), norm.X, 1e-6);
        AssertClose(FiniteDifference.Gradient(p => Dot(dy, ReferenceOps.LayerNorm(x, p, bias, rows, width)), weight), norm.Weight,
            Differences);
        var rms = ReferenceOps.RmsNormBackward(dy, x, weight, rows, width);
        AssertClose(FiniteDifference.Gradient(p => Dot(dy, ReferenceOps.RmsNorm(p, weight, rows, width)), x), rms.X, 1e-6);
        AssertClose(FiniteDifference.Gradient(p => Dot(dy, ReferenceOps.RmsNorm(x, p, rows, width)), weight), rms.Weight, Differences);
        double[] gateAndUp = Numbers.Normal(6, 2 * rows * width);
        AssertClose(
            FiniteDifference.Gradient(p => Dot(dy, ReferenceOps.SwiGlu(p, rows, width)), gateAndUp),
            ReferenceOps.SwiGluBackward(dy, gateAndUp, rows, width), Differences);
        var linear = ReferenceOps.LinearBackward(dy, x, matrix, rows, width, width);
        AssertClose(FiniteDifference.Gradient(p => Dot(dy, ReferenceOps.Linear(p, matrix, bias, rows, width, width)), x), linear.X,
            Differences);
        AssertClose(
            FiniteDifference.Gradient(p => Dot(dy, ReferenceOps.Linear(x, p, bias, rows, width, width)), matrix), linear.Weight,
            Differences);
        AssertClose(FiniteDifference.Gradient(p => Dot(dy, ReferenceOps.Gelu(p)), x), ReferenceOps.GeluBackward(dy, x), Differences);
        AssertClose(FiniteDifference.Gradient(p => Dot(dy, ReferenceOps.GeluTanh(p)), x), ReferenceOps.GeluTanhBackward(dy, x),
            Differences);
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static void AssertClose(double[] expected, double[] actual, double tolerance) =>
        Numbers.AssertClose(expected, actual, tolerance, tolerance);

    /// <summary>One operation of tests/golden/ops.json.</summary>
    private sealed record Golden(
        IReadOnlyDictionary<string, GoldenTensor> Inputs, IReadOnlyDictionary<string, GoldenTensor> Gradients, double[] Output,
        double[] OutputGradient)
    {
        public double[] this[string input] => Inputs[input].Values;

        public int[] Integers(string input) => Inputs[input].Integers;

        public double[] Gradient(string input) => Gradients[input].Values;

        public static Golden Of(string name)
        {
            using JsonDocument document = GoldenTensor.Open("ops.json");
            JsonElement op = document.RootElement.GetProperty("operations").GetProperty(name);
            return new Golden(
                GoldenTensor.ReadAll(op.GetProperty("inputs")),
                GoldenTensor.ReadAll(op.GetProperty("gradients")),
                GoldenTensor.Read(op.GetProperty("output")).Values,
                GoldenTensor.Read(op.GetProperty("output_gradient")).Values);
        }
    }
}
