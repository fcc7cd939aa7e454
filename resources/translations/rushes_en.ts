<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
  <context>
    <name>ActivityPanel</name>
    <message numerus="yes">
      <source>%Ln clip(s) wait for {0}</source>
      <translation>
        <numerusform>%Ln clip waits for {0}</numerusform>
        <numerusform>%Ln clips wait for {0}</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%Ln files are not whole yet.</source>
      <translation>
        <numerusform>%Ln file is not whole yet.</numerusform>
        <numerusform>%Ln files are not whole yet.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%Ln in work</source>
      <translation>
        <numerusform>%Ln in work</numerusform>
        <numerusform>%Ln in work</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>tried %Ln times, last {0}</source>
      <translation>
        <numerusform>tried %Ln time, last {0}</numerusform>
        <numerusform>tried %Ln times, last {0}</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>ApprovalBar</name>
    <message numerus="yes">
      <source>%Ln clips chosen</source>
      <translation>
        <numerusform>%Ln clip chosen</numerusform>
        <numerusform>%Ln clips chosen</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>Approve %Ln clips</source>
      <translation>
        <numerusform>Approve %Ln clip</numerusform>
        <numerusform>Approve %Ln clips</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>No decision yet · %Ln notes open</source>
      <translation>
        <numerusform>No decision yet · %Ln note open</numerusform>
        <numerusform>No decision yet · %Ln notes open</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>Browser</name>
    <message numerus="yes">
      <source>%Ln moments</source>
      <translation>
        <numerusform>%Ln moment</numerusform>
        <numerusform>%Ln moments</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>CardLines</name>
    <message numerus="yes">
      <source>%Ln parts missing</source>
      <translation>
        <numerusform>%Ln part missing</numerusform>
        <numerusform>%Ln parts missing</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>CardTroubles</name>
    <message numerus="yes">
      <source>and %Ln more</source>
      <translation>
        <numerusform>and %Ln more</numerusform>
        <numerusform>and %Ln more</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>CardView</name>
    <message numerus="yes">
      <source>%Ln parts missing</source>
      <translation>
        <numerusform>%Ln part missing</numerusform>
        <numerusform>%Ln parts missing</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>and %Ln more reasons</source>
      <translation>
        <numerusform>and %Ln more reason</numerusform>
        <numerusform>and %Ln more reasons</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>Cells</name>
    <message numerus="yes">
      <source>%Ln open notes</source>
      <translation>
        <numerusform>%Ln open note</numerusform>
        <numerusform>%Ln open notes</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%Ln stars</source>
      <translation>
        <numerusform>%Ln star</numerusform>
        <numerusform>%Ln stars</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>ClipActions</name>
    <message numerus="yes">
      <source>Already in the bucket, where they stay: %Ln objects ({0})</source>
      <translation>
        <numerusform>Already in the bucket, where it stays: %Ln object ({0})</numerusform>
        <numerusform>Already in the bucket, where they stay: %Ln objects ({0})</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>DeliverPage</name>
    <message numerus="yes">
      <source>%Ln clips wait for the time of grace (until {0})</source>
      <translation>
        <numerusform>%Ln clip waits for the time of grace (until {0})</numerusform>
        <numerusform>%Ln clips wait for the time of grace (until {0})</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{0} of %Ln objects verified</source>
      <translation>
        <numerusform>{0} of %Ln object verified</numerusform>
        <numerusform>{0} of %Ln objects verified</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>InfoPanel</name>
    <message numerus="yes">
      <source>%Ln frames</source>
      <translation>
        <numerusform>%Ln frame</numerusform>
        <numerusform>%Ln frames</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%Ln samples</source>
      <translation>
        <numerusform>%Ln sample</numerusform>
        <numerusform>%Ln samples</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>LogPanel</name>
    <message numerus="yes">
      <source>%Ln stars</source>
      <translation>
        <numerusform>%Ln star</numerusform>
        <numerusform>%Ln stars</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>What you change here applies to all %Ln chosen clips.</source>
      <translation>
        <numerusform>What you change here applies to the %Ln chosen clip.</numerusform>
        <numerusform>What you change here applies to all %Ln chosen clips.</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>OrderPanel</name>
    <message numerus="yes">
      <source>%Ln files are there already: compared, not copied.</source>
      <translation>
        <numerusform>%Ln file is there already: compared, not copied.</numerusform>
        <numerusform>%Ln files are there already: compared, not copied.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>on %Ln devices</source>
      <translation>
        <numerusform>on %Ln device</numerusform>
        <numerusform>on %Ln devices</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>▲ %Ln entries cannot be copied.</source>
      <translation>
        <numerusform>▲ %Ln entry cannot be copied.</numerusform>
        <numerusform>▲ %Ln entries cannot be copied.</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>PlanPage</name>
    <message numerus="yes">
      <source>%Ln notes open</source>
      <translation>
        <numerusform>%Ln note open</numerusform>
        <numerusform>%Ln notes open</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>TargetPanel</name>
    <message numerus="yes">
      <source>%Ln objects</source>
      <translation>
        <numerusform>%Ln object</numerusform>
        <numerusform>%Ln objects</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>VolumesView</name>
    <message numerus="yes">
      <source>%Ln entries seen</source>
      <translation>
        <numerusform>%Ln entry seen</numerusform>
        <numerusform>%Ln entries seen</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%Ln entries were left alone:</source>
      <translation>
        <numerusform>%Ln entry was left alone:</numerusform>
        <numerusform>%Ln entries were left alone:</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%Ln files are not whole yet:</source>
      <translation>
        <numerusform>%Ln file is not whole yet:</numerusform>
        <numerusform>%Ln files are not whole yet:</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>Wording</name>
    <message numerus="yes">
      <source>%Ln clips</source>
      <translation>
        <numerusform>%Ln clip</numerusform>
        <numerusform>%Ln clips</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%Ln files</source>
      <translation>
        <numerusform>%Ln file</numerusform>
        <numerusform>%Ln files</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%Ln of them copies</source>
      <translation>
        <numerusform>%Ln of them a copy</numerusform>
        <numerusform>%Ln of them copies</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>WorkIndicator</name>
    <message numerus="yes">
      <source>%Ln failed</source>
      <translation>
        <numerusform>%Ln failed</numerusform>
        <numerusform>%Ln failed</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%Ln in work</source>
      <translation>
        <numerusform>%Ln in work</numerusform>
        <numerusform>%Ln in work</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>Workbench</name>
    <message numerus="yes">
      <source>One folder at a time: the first of the %Ln is offered.</source>
      <translation>
        <numerusform>One folder at a time: the first of the %Ln is offered.</numerusform>
        <numerusform>One folder at a time: the first of the %Ln is offered.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>Scanning %Ln volumes</source>
      <translation>
        <numerusform>Scanning %Ln volume</numerusform>
        <numerusform>Scanning %Ln volumes</numerusform>
      </translation>
    </message>
  </context>
</TS>
