using Habla.Generation;

namespace Habla.Tests.Generation;

public class SamplingOptionsTests
{
    public static TheoryData<string, SamplingOptions> Impossible() => new()
    {
        { "temperature: -0.1 must", new() { Temperature = -0.1 } },
        { "temperature: NaN must", new() { Temperature = double.NaN } },
        { "temperature: Infinity must", new() { Temperature = double.PositiveInfinity } },
        { "top-k: -1 must", new() { TopK = -1 } },
        { "top-p: 0 must", new() { TopP = 0 } },
        { "top-p: 1.1 must", new() { TopP = 1.1 } },
        { "top-p: NaN must", new() { TopP = double.NaN } },
        { "min-p: -0.1 must", new() { MinP = -0.1 } },
        { "min-p: 1.5 must", new() { MinP = 1.5 } },
        { "repetition-penalty: 0 must", new() { RepetitionPenalty = 0 } },
        { "repetition-penalty: NaN must", new() { RepetitionPenalty = double.NaN } },
        { "frequency-penalty: 101 must", new() { FrequencyPenalty = 101 } },
        { "presence-penalty: -Infinity must", new() { PresencePenalty = double.NegativeInfinity } },
        { "logit-bias: token -1 is", new() { LogitBias = new Dictionary<int, double> { [-1] = 1 } } },
        { "logit-bias: NaN for token 2 must", new() { LogitBias = new Dictionary<int, double> { [2] = double.NaN } } },
        { "logit-bias: Infinity for token 2 must", new() { LogitBias = new Dictionary<int, double> { [2] = double.PositiveInfinity } } },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Impossible_options_are_named(string message, SamplingOptions options) => Assert.StartsWith(
        message, Assert.Throws<InvalidInputException>(() => new Sampler(options)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_bias_for_a_token_outside_the_vocabulary_is_named()
    {
        var options = new SamplingOptions { LogitBias = new Dictionary<int, double> { [16] = 1, [17] = 1 } };
        options.Validate(18);
        Assert.Equal(
            "logit-bias: token 17 is not in the model's vocabulary, which is 0 to 16",
            Assert.Throws<InvalidInputException>(() => options.Validate(17)).Message);
    }
}
