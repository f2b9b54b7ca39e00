using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Records;
using ClipDistributed.Training.TensorBoard;

namespace ClipDistributed.Training.Tests.TensorBoard;

public sealed class EventFileTests : IDisposable
{
    private readonly string folder = Path.Combine(Directory.CreateTempSubdirectory("clipd-board-").FullName, "tensorboard");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);

    [Fact]
    public void Wrap_KnownBytes_GivesKnownFrame()
    {
        // CRC-32C of "123456789" is e3069283 (RFC 3720, B.4, and every table of CRCs); masked: rotated by 15 and a282ead8 added.
        byte[] frame = RecordFrame.Wrap("123456789"u8);
        uint crc = 0xe3069283;
        Assert.Equal(9, BitConverter.ToInt64(frame));
        Assert.Equal(((crc >> 15) | (crc << 17)) + 0xa282ead8, BitConverter.ToUInt32(frame, frame.Length - 4));
        Assert.Equal("123456789"u8.ToArray(), RecordFrame.TryRead(new MemoryStream(frame)));
    }

    [Fact]
    public void TryRead_AnyFlippedBit_IsNoRecord()
    {
        byte[] frame = RecordFrame.Wrap("scalar"u8);
        for (int bit = 0; bit < 8 * frame.Length; bit++)
        {
            byte[] damaged = [.. frame];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(RecordFrame.TryRead(new MemoryStream(damaged)));
        }
    }

    [Fact]
    public void Scalars_OneValue_AreTheBytesOfTheMessage()
    {
        // wall_time 1.5, step 300, summary { value { tag "a/b", simple_value 0.5 } }
        byte[] expected =
        [
            0x09,
            0,
            0,
            0,
            0,
            0,
            0,
            0xf8,
            0x3f,
            0x10,
            0xac,
            0x02,
            0x2a,
            12,
            0x0a,
            10,
            0x0a,
            3,
            .. "a/b"u8,
            0x15,
            0,
            0,
            0,
            0x3f,
        ];
        Assert.Equal(expected, BoardEvent.Scalars(1.5, 300, [("a/b", 0.5)]));
    }

    [Fact]
    public void Open_StepsToBeDoneAgain_AreCutOff()
    {
        Write(0, Step(1), Step(2), Evaluation(2), Step(3), Step(4));
        Write(2, Step(3), Step(4));
        Assert.Equal([1, 2, 2, 3, 4], Steps());
    }

    [Fact]
    public void Open_TornRecordOfAKilledProcess_IsCutOff()
    {
        Write(0, Step(1), Step(2));
        string file = Directory.GetFiles(folder).Single();
        using (var torn = new FileStream(file, FileMode.Open))
            torn.SetLength(torn.Length - 5);
        Write(2, Step(3));
        Assert.Equal([1, 3], Steps());
    }

    [Fact]
    public void Open_EarlierCheckpoint_CutsSeveralFiles()
    {
        Write(0, Step(1), Step(2));
        Write(2, Step(3), Step(4));
        Write(1, Step(2));
        Assert.Equal([1, 2], Steps());
    }

    /// <summary>Longer than the window that is read first.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(300)]
    [InlineData(599)]
    public void Open_LongFile_IsCutBehindTheStep(int step)
    {
        Write(0, [.. Enumerable.Range(1, 300).Select(done => Step(done))]);
        Write(300, [.. Enumerable.Range(301, 300).Select(done => Step(done))]);
        Write(step, Step(step + 1));
        Assert.Equal(Enumerable.Range(1, step + 1).Select(done => (long)done), Steps());
    }

    private void Write(long appliedStep, params RunRecord[] records)
    {
        using var file = EventFile.Open(folder, appliedStep, DateTimeOffset.UnixEpoch);
        foreach (var record in records)
            file.Write(record.Stamped(DateTimeOffset.UnixEpoch, "a"));
    }

    /// <summary>The steps of all scalars, in the order in which a reader meets them.</summary>
    private List<long> Steps()
    {
        var steps = new List<long>();
        foreach (string path in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            using var file = File.OpenRead(path);
            while (RecordFrame.TryRead(file) is { } message)
            {
                if (message.AsSpan().IndexOf("train/loss"u8) >= 0 || message.AsSpan().IndexOf("zeroshot_top1/seen"u8) >= 0)
                    steps.Add(BoardEvent.StepOf(message));
            }
            Assert.Equal(file.Length, file.Position);
        }
        return steps;
    }

    private static RunRecord Step(long step) => new() { Step = SampleRecords.Step(step) };

    private static RunRecord Evaluation(long step) => new() { Evaluation = SampleRecords.Evaluation(step) };
}
