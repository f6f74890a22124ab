using Habla.Training.Health;

namespace Habla.Tests.Training.Health;

public class EndCheckTests
{
    private static readonly HealthSettings s_settings = new(100, 10_000, 5);

    [Fact]
    public void A_run_that_learned_something_is_silent()
    {
        Assert.Null(EndCheck.WarningFor([.. Enumerable.Range(0, 100).Select(i => 4.2 - (i / 100.0))], 3.2, 65, s_settings));
        Assert.Null(EndCheck.WarningFor([4.2, 4.35], 4.3, 65, s_settings)); // chance
        Assert.Null(EndCheck.WarningFor([4.2], 4.2, 65, s_settings));
        Assert.Null(EndCheck.WarningFor([], 4.2, 65, s_settings));
    }

    [Theory]
    [InlineData(90, 812.3)]
    [InlineData(2, 5)]
    [InlineData(4, double.PositiveInfinity)]
    public void A_loss_that_ends_above_where_it_began_is_told_with_what_to_try(int steps, double end)
    {
        string warning = EndCheck.WarningFor([4.174, .. Enumerable.Repeat(end, steps - 1)], end, 65, s_settings)!;
        Assert.Contains("the training loss ended above where it began: 4.174 at first", warning, StringComparison.Ordinal);
        Assert.Contains("optimizer.lr_max ten times lower (it was 5)", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4.8)]
    [InlineData(double.NaN)]
    public void Weights_that_are_worse_than_guessing_are_told(double loss) => Assert.Contains(
        "guessing among 65 tokens has 4.174", EndCheck.WarningFor([], loss, 65, s_settings), StringComparison.Ordinal);

    [Fact]
    public void Few_tokens_a_step_let_a_loss_scatter() =>
        Assert.Null(EndCheck.WarningFor([1, 1.5, 1.5], 1.5, 65, s_settings with { TokensPerStep = 16 }));
}
