using Google.Protobuf;

namespace ClipDistributed.Training.TensorBoard;

/// <summary>
/// TensorBoard's message Event, as far as scalars need it: wall_time 1 (double), step 2 (int64), file_version 3 (string),
/// summary 5 { value 1 { tag 1 (string), simple_value 2 (float) } }, session_log 7 { status 1 (START is 1) }.
/// </summary>
public static class BoardEvent
{
    /// <summary>The first record of every file.</summary>
    public static byte[] Version(double seconds) => Write(output =>
    {
        WriteTime(output, seconds, step: 0);
        output.WriteTag(3, WireFormat.WireType.LengthDelimited);
        output.WriteString("brain.Event:2");
    });

    /// <summary>Makes readers discard what they have shown of this step and later ones.</summary>
    public static byte[] SessionStart(double seconds, long step) => Write(output =>
    {
        WriteTime(output, seconds, step);
        output.WriteTag(7, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(8, 1));
    });

    /// <param name="seconds">Since 1970.</param>
    public static byte[] Scalars(double seconds, long step, IEnumerable<(string Tag, double Value)> scalars) => Write(output =>
    {
        WriteTime(output, seconds, step);
        output.WriteTag(5, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Write(summary =>
        {
            foreach (var (tag, value) in scalars)
            {
                summary.WriteTag(1, WireFormat.WireType.LengthDelimited);
                summary.WriteBytes(ByteString.CopyFrom(Write(one =>
                {
                    one.WriteTag(1, WireFormat.WireType.LengthDelimited);
                    one.WriteString(tag);
                    one.WriteTag(2, WireFormat.WireType.Fixed32);
                    one.WriteFloat((float)value);
                })));
            }
        })));
    });

    /// <summary>The step of an event. The start of a session counts as the step before: it has no scalars of its own.</summary>
    public static long StepOf(byte[] message)
    {
        var input = new CodedInputStream(message);
        long step = 0;
        bool starts = false;
        while (input.ReadTag() is not 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 2:
                    step = input.ReadInt64();
                    break;
                case 7:
                    starts = true;
                    input.SkipLastField();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        return starts ? step - 1 : step;
    }

    private static void WriteTime(CodedOutputStream output, double seconds, long step)
    {
        output.WriteTag(1, WireFormat.WireType.Fixed64);
        output.WriteDouble(seconds);
        output.WriteTag(2, WireFormat.WireType.Varint);
        output.WriteInt64(step);
    }

    private static byte[] Write(Action<CodedOutputStream> fields)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
            fields(output);
        return buffer.ToArray();
    }
}
