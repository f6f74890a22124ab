using System.Globalization;
using Habla.Tensors.Tests.Kernels;

namespace Habla.Tensors.Tests;

/// <summary>
/// Prints what the kernels give in this process; <see cref="InstructionSetTests"/> starts it with fewer instruction sets.
/// </summary>
public static class Program
{
    public static void Main()
    {
        Console.WriteLine(KernelHashes.SimdBits.ToString(CultureInfo.InvariantCulture));
        foreach (string line in KernelHashes.Lines())
        {
            Console.WriteLine(line);
        }
    }
}
