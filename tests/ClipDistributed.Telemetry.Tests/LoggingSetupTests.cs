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
        Assert.Equal(("demo-1", 3), (line.GetProperty(LogProperties.RunId).GetString(), line.GetProperty(LogProperties.Generation).GetInt32()));
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
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INF Run demo-1 begins generation 3\. ReplicaId=demo-1-r2\n$", errorLines.ToString());
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
        Assert.EndsWith(@"INF Run demo\u202E\u001B[2J begins generation 3. HostId=h\u001B]0;title\u0007" + "\n", lines.ToString(), StringComparison.Ordinal);
        string line = Assert.Single(File.ReadAllLines(file));
        Assert.DoesNotContain(line, c => c is '\u001b' or '\u202e');
        Assert.Equal("demo\u202e\u001b[2J", JsonDocument.Parse(line).RootElement.GetProperty(LogProperties.RunId).GetString());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static ServiceProvider Services(TelemetryOptions options) => new ServiceCollection().AddLogging(logging => logging.AddTelemetry(options)).BuildServiceProvider();

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId} begins generation {Generation}.")]
    private static partial void LogBegun(ILogger logger, string runId, long generation);
}
