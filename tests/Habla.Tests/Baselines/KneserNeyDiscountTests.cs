using FsCheck;
using FsCheck.Fluent;
using Habla.Baselines;

namespace Habla.Tests.Baselines;

public class KneserNeyDiscountTests
{
    [Fact]
    public void The_estimate_is_Chen_and_Goodmans()
    {
        // Y = 100 / (100 + 2·40) = 0.5556; D1 = 1 − 2Y·40/100, D2 = 2 − 3Y·20/40, D3 = 3 − 4Y·12/20.
        KneserNeyDiscount estimate = KneserNeyDiscount.Estimate([0, 100, 40, 20, 12]);

        Assert.Equal(0.555556, estimate.Once, 6);
        Assert.Equal(1.166667, estimate.Twice, 6);
        Assert.Equal(1.666667, estimate.More, 6);
    }

    [Fact]
    public void It_stays_usable_on_data_of_any_size() =>
        Prop.ForAll<(ushort N1, ushort N2, ushort N3, ushort N4)>(drawn =>
        {
            KneserNeyDiscount estimate = KneserNeyDiscount.Estimate([0, drawn.N1, drawn.N2, drawn.N3, drawn.N4]);
            return estimate.Once is > 0 and <= 1 && estimate.Twice is > 0 and <= 2 && estimate.More is > 0 and <= 3;
        }).QuickCheckThrowOnFailure();
}
