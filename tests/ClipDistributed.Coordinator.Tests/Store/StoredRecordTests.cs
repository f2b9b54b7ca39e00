using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Tests.Store;

public sealed class StoredRecordTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "fixtures", "cases", "runs", "records");

    private static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Folder, file));

    /// <summary>What a store held as a google.protobuf.Struct is the record of the same line, every double and whole number too.</summary>
    [Fact]
    public void Parse_RecordsOfOlderCoordinators_AreThoseOfTheirLines()
    {
        var expected = Lines("every-kind.jsonl").Concat(Lines("without-optional.jsonl")).Select(line => RunRecordJson.TryParse(line)!)
            .ToList();
        foreach (var record in expected)
        {
            record.Time = null; // it has a column of its own
            record.ClearHost();
            record.ClearVersion();
        }
        Assert.Equal(expected, Lines("stored-structs.txt").Select(stored => StoredRecord.Parse(Convert.FromBase64String(stored))));
    }

    [Fact]
    public void Parse_RecordsOfThisProgram_AreTheSame()
    {
        foreach (var record in Lines("every-kind.jsonl").Select(line => RunRecordJson.TryParse(line)!))
        {
            if (record.Step?.Pipeline is { } waits)
                waits.Reading = Math.Abs(waits.Reading); // a message that travels has no negative zero
            Assert.Equal(record, StoredRecord.Parse(record.ToByteArray()));
            var numbered = new RunRecord(record) { Sequence = 7 };
            Assert.Equal(numbered, StoredRecord.Parse(numbered.ToByteArray()));
        }
    }

    [Fact]
    public void Parse_UnknownKind_HasNoCase()
    {
        var older = new Struct { Fields = { ["kind"] = Value.ForString("rebalanced"), ["step"] = Value.ForNumber(3) } };
        Assert.Equal(new RunRecord(), StoredRecord.Parse(older.ToByteArray()));
        Assert.Equal(RunRecord.RecordOneofCase.None, StoredRecord.Parse([0x0a, 0x00]).RecordCase); // a field without a name
        Assert.Equal(RunRecord.RecordOneofCase.None, StoredRecord.Parse([]).RecordCase);
    }
}
