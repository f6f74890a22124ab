using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Habla.Extraction;

/// <summary>
/// The three streams of a running program, each on a thread of its own: the pool's threads may all be waiting for programs. What comes
/// beyond the limit is thrown away, and the program is to be killed.
/// </summary>
internal sealed class ProgramPipes : IDisposable
{
    private const int MostComplaints = 1 << 14;

    private readonly MemoryStream _output = new();
    private readonly MemoryStream _complaints = new();
    private readonly Thread[] _threads;
    private readonly long _limit;
    private volatile bool _wroteTooMuch;

    public ProgramPipes(Process process, byte[]? input, long limit)
    {
        _limit = limit;
        _threads =
        [
            Start(() => Feed(process.StandardInput.BaseStream, input)),
            Start(() => Copy(process.StandardOutput.BaseStream, _output, _limit, isOutput: true)),
            Start(() => Copy(process.StandardError.BaseStream, _complaints, MostComplaints, isOutput: false)),
        ];
    }

    /// <summary>Whether the program wrote more than it may.</summary>
    public bool WroteTooMuch => _wroteTooMuch;

    /// <summary>What it wrote; after <see cref="Join"/>.</summary>
    public byte[] Output => _output.ToArray();

    /// <summary>What it complained of; after <see cref="Join"/>.</summary>
    public string Complaints => Encoding.UTF8.GetString(_complaints.ToArray());

    /// <summary>Ends a program and all that it started.</summary>
    public static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit(5000);
            }
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself in the meantime.
        }
    }

    /// <summary>Waits until the streams of a program that has ended are read to their ends.</summary>
    public void Join()
    {
        foreach (Thread thread in _threads)
        {
            // Not for ever: something that the program left behind may hold its end of a stream open.
            thread.Join(TimeSpan.FromSeconds(5));
        }
    }

    public void Dispose() => Join();

    private static Thread Start(Action work)
    {
        var thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The program has ended; its exit code and its last words say why.
            }
        }, 1 << 18)
        { IsBackground = true };
        thread.Start();
        return thread;
    }

    private static void Feed(Stream pipe, byte[]? input)
    {
        using (pipe)
        {
            pipe.Write(input ?? []);
        }
    }

    private void Copy(Stream pipe, MemoryStream kept, long limit, bool isOutput)
    {
        byte[] buffer = new byte[1 << 16];
        for (int count; (count = pipe.Read(buffer)) > 0;)
        {
            if (kept.Length + count <= limit)
            {
                kept.Write(buffer, 0, count);
            }
            else if (isOutput)
            {
                _wroteTooMuch = true;
            }
        }
    }
}
