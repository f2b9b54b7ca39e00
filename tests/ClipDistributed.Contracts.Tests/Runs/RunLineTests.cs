using System.Text.Json;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Contracts.Tests.Runs;

public sealed class RunLineTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2026, 11, 30, 5, 4, 3, 21, TimeSpan.FromHours(2));

    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void ToJson_AnyMessage_CarriesTimeHostAndVersion()
    {
        ReplicaMessage[] messages =
        [
            new RunNotice(3, "größe \"x\""),
            new RequestReceived(4, "stop", "ann@there (10.0.0.7)"),
            new RunEnded(5, true, double.NaN),
            new RunFailed(""),
        ];
        foreach (var message in messages)
        {
            string json = RunLine.Of(message, Time, "host b").ToJson();
            using var line = JsonDocument.Parse(json);
            Assert.Equal(
                ("2026-11-30T03:04:03.021Z", "host b", ProgramVersion.Text),
                (
                    line.RootElement.GetProperty("time").GetString(),
                    line.RootElement.GetProperty("host").GetString(),
                    line.RootElement.GetProperty("version").GetString()
                )
            );
            Assert.StartsWith("{\"kind\":", json, StringComparison.Ordinal); // as older programs expect it
            Assert.Equal(message, ReplicaMessage.TryParse(json));
            var read = RunLine.TryParse(json)!;
            Assert.Equal(
                (message, Time.ToUniversalTime(), "host b", ProgramVersion.Text),
                (read.Message, read.Time!.Value, read.Host, read.Version)
            );
        }
    }

    [Fact]
    public void TryParse_LineOfAnOlderProgram_HasNoTime()
    {
        var line = RunLine.TryParse(new RunNotice(3, "old").ToJson())!;
        Assert.Equal((new RunNotice(3, "old"), null, null), ((RunNotice)line.Message, line.Time, line.Host));
        Assert.Equal(new RunNotice(3, "old").ToJson(), line.ToJson());
    }

    [Theory]
    [InlineData("\"time\":\"noon\"")]
    [InlineData("\"time\":7")]
    [InlineData("\"time\":null")]
    [InlineData("\"time\":\"2026-11-30T03:04:03Z\",\"host\":7")]
    public void TryParse_DamagedEnvelope_KeepsTheMessage(string envelope)
    {
        var line = RunLine.TryParse($$"""{"kind":"notice","step":3,"text":"a",{{envelope}}}""")!;
        Assert.Equal((new RunNotice(3, "a"), null), ((RunNotice)line.Message, line.Time));
    }

    [Fact]
    public void Read_TornEmptyAndEndlessLines_AreBounded()
    {
        using (var text = File.CreateText(file))
        {
            text.Write("one\r\n\n  \ntwo\n");
            for (int i = 0; i < 3000; i++)
                text.Write(new string('x', 1000));
            text.Write("\nthree\n{\"torn");
        }
        Assert.Equal(["one", "two", null, "three", "{\"torn"], RunLines.Read(file));
    }
}
