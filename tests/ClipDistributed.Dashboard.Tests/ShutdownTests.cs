using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Dashboard.Tests;

/// <summary>A coordinator that stops, and the next one, with a page open.</summary>
public sealed class ShutdownTests
{
    /// <summary>An open page connects again as soon as it is cut off: one that came late held the server until its time was up.</summary>
    [Fact]
    public async Task Stop_WithPagesThatComeBack_WaitsForNone()
    {
        await using var server = await DashboardServer.StartAsync();
        var cookies = new CookieContainer();
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(server.Address),
        };
        using var signedIn = await DashboardServer.PostTokenAsync(browser, server.Token);
        var opened = new TaskCompletionSource();
        var pages = Enumerable.Range(0, 8).Select(_ => HoldAsync(server.Address, cookies, opened)).ToList();
        await opened.Task;

        var watch = Stopwatch.StartNew();
        await server.StopAsync();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5)); // its time to stop is 10 s
        await Task.WhenAll(pages);
    }

    [Fact]
    public async Task Form_OfTheCoordinatorBefore_AsksAgainWithoutAnError()
    {
        var errors = new ErrorLines();
        await using var before = await DashboardServer.StartAsync();
        await using var server = await DashboardServer.StartAsync(logging: lines => lines.AddProvider(errors));
        var cookies = new CookieContainer();
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false });
        string secret = await DashboardServer.FormTokenAsync(browser, $"{before.Address}/sign-in"); // cookies know no ports
        var form = new Dictionary<string, string> { ["token"] = server.Token, ["__RequestVerificationToken"] = secret };

        using var refused = await browser.PostAsync($"{server.Address}/sign-in/token", new FormUrlEncodedContent(form));
        string again = await browser.GetStringAsync($"{server.Address}/sign-in?why=form");

        Assert.Equal("/sign-in?why=form", refused.Headers.Location?.OriginalString);
        Assert.Contains("Sign in again", again, StringComparison.Ordinal);
        form["__RequestVerificationToken"] = await DashboardServer.FormTokenAsync(browser, $"{server.Address}/sign-in");
        using var signedIn = await browser.PostAsync($"{server.Address}/sign-in/token", new FormUrlEncodedContent(form));
        Assert.Equal("/", signedIn.Headers.Location?.OriginalString);
        Assert.Empty(errors.Lines);
    }

    /// <summary>A page, until the server refuses it.</summary>
    private static async Task HoldAsync(string address, CookieContainer cookies, TaskCompletionSource opened)
    {
        var cancel = TestContext.Current.CancellationToken;
        byte[] hello = Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e");
        while (true)
        {
            using var page = new ClientWebSocket();
            page.Options.Cookies = cookies;
            page.Options.SetRequestHeader("Origin", address);
            try
            {
                await page.ConnectAsync(new Uri($"{address.Replace("http", "ws", StringComparison.Ordinal)}/_blazor"), cancel);
            }
            catch (WebSocketException)
            {
                return;
            }
            try
            {
                await page.SendAsync(hello, WebSocketMessageType.Text, endOfMessage: true, cancel);
                while ((await page.ReceiveAsync(new byte[4096], cancel)).MessageType != WebSocketMessageType.Close)
                    opened.TrySetResult();
            }
            catch (WebSocketException)
            {
                // It was ended; a page tries again.
            }
        }
    }

    private sealed class ErrorLines : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
            {
                if (IsEnabled(logLevel))
                    Lines.Add(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
