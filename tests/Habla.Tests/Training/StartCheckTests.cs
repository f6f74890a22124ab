using Habla.Training;

namespace Habla.Tests.Training;

public class StartCheckTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.49)]
    [InlineData(-0.49)]
    public void A_loss_near_ln_V_and_an_ordinary_gradient_are_no_cause_for_warning(double off) =>
        Assert.Equal((null, null), (StartCheck.LossWarning(64, Math.Log(64) + off), StartCheck.NormWarning(1)));

    [Theory]
    [InlineData(0.51)]
    [InlineData(-0.51)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_loss_elsewhere_is_told_with_what_was_expected(double off) =>
        Assert.Contains("a model that knows nothing has ln 64 = 4.159", StartCheck.LossWarning(64, Math.Log(64) + off),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(0.05)]
    [InlineData(11)]
    [InlineData(double.NaN)]
    public void A_gradient_of_another_size_is_told(double norm) =>
        Assert.Contains("outside [0.1, 10]", StartCheck.NormWarning(norm), StringComparison.Ordinal);

    [Theory]
    [InlineData(3, 1, 1.0 / 3)]
    [InlineData(1, 1, 1)]
    [InlineData(0.5, 1, 1)]
    [InlineData(100, 0, 1)]
    [InlineData(0, 1, 1)]
    public void Clipping_scales_down_to_the_limit_and_never_up(double norm, double limit, double factor) =>
        Assert.Equal(factor, GradientClipping.Factor(norm, limit));
}
