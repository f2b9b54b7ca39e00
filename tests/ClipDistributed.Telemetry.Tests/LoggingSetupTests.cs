using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Telemetry.Tests;

public sealed partial class LoggingSetupTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;

    [Fact]
    public void AddTelemetry_File_HoldsOneObjectALineAndLeavesLibrariesOut()
    {
        string file = Path.Combine(folder, "log.json");
        using (var services = Services(new TelemetryOptions { Console = false, File = file }))
        {
            LogBegun(services.GetRequiredService<ILogger<LoggingSetupTests>>(), "demo-1", 3);
            LogBegun(services.GetRequiredService<ILoggerFactory>().CreateLogger("Microsoft.AspNetCore.Routing"), "demo-2", 4);
        }
        var line = JsonDocument.Parse(Assert.Single(File.ReadAllLines(file))).RootElement;
        Assert.Equal(
            ("demo-1", 3),
            (line.GetProperty(LogProperties.RunId).GetString(), line.GetProperty(LogProperties.Generation).GetInt32())
        );
    }

    [Fact]
    public void AddTelemetry_Console_WritesReadableLinesToStandardErrorOnly()
    {
        var (output, error) = (Console.Out, Console.Error);
        var (outLines, errorLines) = (new StringWriter(), new StringWriter());
        Console.SetOut(outLines);
        Console.SetError(errorLines);
        try
        {
            using var services = Services(new TelemetryOptions());
            var logger = services.GetRequiredService<ILogger<LoggingSetupTests>>();
            using (logger.BeginScope(new Dictionary<string, object> { [LogProperties.ReplicaId] = "demo-1-r2" }))
                LogBegun(logger, "demo-1", 3);
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
        Assert.Equal("", outLines.ToString());
        Assert.Matches(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INF Run demo-1 begins generation 3\. ReplicaId=demo-1-r2\n$",
            errorLines.ToString()
        );
    }

    [Fact]
    public void AddTelemetry_Json_WritesObjectsWithEventNamesToStandardError()
    {
        var error = Console.Error;
        var lines = new StringWriter();
        Console.SetError(lines);
        try
        {
            using var services = Services(new TelemetryOptions { Json = true });
            LogBegun(services.GetRequiredService<ILogger<LoggingSetupTests>>(), "demo-1", 3);
        }
        finally
        {
            Console.SetError(error);
        }
        var line = JsonDocument.Parse(lines.ToString()).RootElement;
        Assert.Equal(
            ("Begun", "demo-1"),
            (line.GetProperty("EventId").GetProperty("Name").GetString(), line.GetProperty(LogProperties.RunId).GetString())
        );
    }

    [Fact]
    public void AddTelemetry_EscapeSequences_AreShownNotObeyed()
    {
        string file = Path.Combine(folder, "log.json");
        var error = Console.Error;
        var lines = new StringWriter();
        Console.SetError(lines);
        try
        {
            using var services = Services(new TelemetryOptions { File = file });
            var logger = services.GetRequiredService<ILogger<LoggingSetupTests>>();
            using (logger.BeginScope(new Dictionary<string, object> { [LogProperties.HostId] = "h\u001b]0;title\a" }))
                LogBegun(logger, "demo\u202e\u001b[2J", 3);
        }
        finally
        {
            Console.SetError(error);
        }
        Assert.EndsWith(
            @"INF Run demo\u202E\u001B[2J begins generation 3. HostId=h\u001B]0;title\u0007" + "\n",
            lines.ToString(),
            StringComparison.Ordinal
        );
        string line = Assert.Single(File.ReadAllLines(file));
        Assert.DoesNotContain(line, c => c is '\u001b' or '\u202e');
        Assert.Equal("demo\u202e\u001b[2J", JsonDocument.Parse(line).RootElement.GetProperty(LogProperties.RunId).GetString());
    }

    /// <summary>What a peer sends can make a library log without end.</summary>
    [Fact]
    public void AddTelemetry_EventsOfALibrary_AreOneLineEachAndOneOfAKindInAMinute()
    {
        var error = Console.Error;
        var lines = new StringWriter();
        Console.SetError(lines);
        var time = new SettableTime();
        try
        {
            using var services = Services(new TelemetryOptions { Time = time });
            var logs = services.GetRequiredService<ILoggerFactory>();
            var (kestrel, own) = (logs.CreateLogger("Microsoft.AspNetCore.Server.Kestrel"), logs.CreateLogger("Microsofts.Own"));
            for (int i = 0; i < 1000; i++)
                LogGarbled(kestrel, new IOException("line one\nline two"), i);
            LogOther(kestrel, 1);
            for (int i = 0; i < 2; i++)
                LogOther(own, i);
            time.Advance(TimeSpan.FromMinutes(1));
            for (int i = 0; i < 1000; i++)
                LogGarbled(kestrel, new IOException("line one\nline two"), i);
        }
        finally
        {
            Console.SetError(error);
        }
        Assert.Equal(
            [
                "ERR Connection 0 is garbled. (IOException: line one | line two)",
                "WRN Other 1.",
                "WRN Other 0.",
                "WRN Other 1.",
                "ERR Connection 0 is garbled. (IOException: line one | line two)",
            ],
            lines
                .ToString()
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..])
        );
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static ServiceProvider Services(TelemetryOptions options) =>
        new ServiceCollection().AddLogging(logging => logging.AddTelemetry(options)).BuildServiceProvider();

    [LoggerMessage(Level = LogLevel.Information, EventName = "Begun", Message = "Run {RunId} begins generation {Generation}.")]
    private static partial void LogBegun(ILogger logger, string runId, long generation);

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {Id} is garbled.")]
    private static partial void LogGarbled(ILogger logger, Exception garbled, int id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Other {Id}.")]
    private static partial void LogOther(ILogger logger, int id);

    private sealed class SettableTime : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(TimeSpan by) => now += by.Ticks;
    }
}
