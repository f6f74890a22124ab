using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Habla.Tests.Tracking.Mlflow;

/// <summary>
/// A tracking server in this process, on a loopback port of its own: the part of REST API 2.0 that a training run needs, with the
/// limits and the traps of the real one. What MLflow would take in silence although it is wrong stands in <see cref="Violations"/>.
/// </summary>
public sealed class MlflowServer : IDisposable
{
    private readonly MlflowServerStore _store;
    private HttpListener? _listener;
    private TaskCompletionSource _released = new();
    private volatile MlflowServerMode _mode;

    public MlflowServer()
    {
        _store = new MlflowServerStore(Violations);
        Port = FreePort();
        Start();
    }

    public int Port { get; }

    public string Uri => $"http://127.0.0.1:{Port}";

    /// <summary>What the server has been told.</summary>
    internal MlflowServerStore Store => _store;

    /// <summary>The only run there is.</summary>
    internal MlflowServerRun Run => Assert.Single(_store.Runs);

    /// <summary>What a client did that it must not do, though a real server would say nothing.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>Method and path of each request, in the order of arrival.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The header Authorization that requests need; null for none.</summary>
    public string? Authorization { get; set; }

    public MlflowServerMode Mode
    {
        get => _mode;
        set
        {
            _mode = value;
            Interlocked.Exchange(ref _released, new TaskCompletionSource()).SetResult();
        }
    }

    /// <summary>Starts to listen, again.</summary>
    public void Start()
    {
        _listener = new HttpListener();
        _listener.Prefixes.Add(Uri + "/");
        _listener.Start();
        _ = Listen(_listener);
    }

    /// <summary>Stops to listen: a call is refused.</summary>
    public void GoDown()
    {
        _listener?.Close();
        _listener = null;
    }

    public void Dispose()
    {
        Mode = MlflowServerMode.Fine;
        GoDown();
    }

    private async Task Listen(HttpListener listener)
    {
        try
        {
            while (true)
            {
                HttpListenerContext call = await listener.GetContextAsync();
                _ = Task.Run(() => Answer(call));
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // It went down.
        }
    }

    private async Task Answer(HttpListenerContext call)
    {
        try
        {
            MlflowServerMode mode = _mode;
            Task released = _released.Task;
            using var body = new MemoryStream();
            await call.Request.InputStream.CopyToAsync(body);
            Requests.Enqueue($"{call.Request.HttpMethod} {call.Request.Url!.AbsolutePath}");
            (int status, string text) = mode switch
            {
                MlflowServerMode.Failing => (500, "out of order"),
                MlflowServerMode.TooManyRequests => (429, """{"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "too many"}"""),
                _ when Authorization is not null && call.Request.Headers["Authorization"] != Authorization =>
                    (401, "You are not authenticated."),
                _ => _store.Answer(call.Request, body.ToArray()),
            };
            status = mode == MlflowServerMode.FailingAfterwards ? 500 : status;
            if (mode == MlflowServerMode.Slow)
            {
                await released;
            }

            byte[] bytes = Encoding.UTF8.GetBytes(text);
            call.Response.StatusCode = status;
            if (status == 429)
            {
                call.Response.Headers["Retry-After"] = "0";
            }

            await call.Response.OutputStream.WriteAsync(bytes);
            call.Response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The client hung up, or the server went down.
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
