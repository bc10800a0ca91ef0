"""Case mix of the simulated hospital: what people come with, how often, how old they are and where they are cared for.

Lengths of stay are not here: they follow the GMLOS of the diagnosis-related group (`app.regulations.drg`).
"""

import msgspec


class Case(msgspec.Struct, frozen=True):
    """One kind of stay.

    `weight` is relative frequency within its list, `intensive` the share that starts in intensive care, `fatal` the
    share that dies in hospital, `facility_bound` how readily a patient goes on to a nursing or rehabilitation facility
    (1 = average). Ages are in years.
    """

    drg: str
    code: str
    text: str
    service: str
    weight: float
    ages: tuple[int, int] = (25, 96)
    typical_age: int = 68
    intensive: float = 0.0
    fatal: float = 0.01
    facility_bound: float = 1.0


Diagnosis = tuple[str, str]

EMERGENCY_ADMISSIONS: tuple[Case, ...] = (
    Case(
        "871",
        "A41.9",
        "Sepsis, unspecified organism",
        "MED",
        9.0,
        typical_age=72,
        intensive=0.35,
        fatal=0.10,
        facility_bound=1.6,
    ),
    Case("872", "A41.9", "Sepsis, unspecified organism", "MED", 4.0, typical_age=66, intensive=0.06),
    Case("853", "A41.51", "Sepsis due to Escherichia coli", "SUR", 1.2, intensive=0.6, fatal=0.12, facility_bound=1.8),
    Case("291", "I50.23", "Acute on chronic systolic heart failure", "CAR", 6.5, (40, 97), 76, 0.08, 0.03, 1.1),
    Case("292", "I50.33", "Acute on chronic diastolic heart failure", "CAR", 2.0, (45, 97), 77, 0.02, 0.01, 1.0),
    Case(
        "193",
        "J18.9",
        "Pneumonia, unspecified organism",
        "MED",
        4.5,
        typical_age=73,
        intensive=0.10,
        fatal=0.04,
        facility_bound=1.2,
    ),
    Case("194", "J18.9", "Pneumonia, unspecified organism", "MED", 2.5, typical_age=70),
    Case("177", "J69.0", "Pneumonitis due to inhalation of food and vomit", "MED", 2.2, (45, 98), 77, 0.18, 0.08, 1.9),
    Case(
        "189",
        "J96.01",
        "Acute respiratory failure with hypoxia",
        "PUL",
        3.5,
        typical_age=70,
        intensive=0.35,
        fatal=0.06,
        facility_bound=1.3,
    ),
    Case(
        "190",
        "J44.1",
        "Chronic obstructive pulmonary disease with exacerbation",
        "PUL",
        3.5,
        (45, 93),
        70,
        0.08,
        0.02,
        0.9,
    ),
    Case(
        "207", "J96.21", "Acute and chronic respiratory failure with hypoxia", "PUL", 0.9, (30, 88), 66, 1.0, 0.25, 2.2
    ),
    Case(
        "208",
        "J96.22",
        "Acute and chronic respiratory failure with hypercapnia",
        "PUL",
        1.2,
        (35, 90),
        67,
        1.0,
        0.18,
        1.6,
    ),
    Case("004", "J95.851", "Ventilator associated pneumonia", "PUL", 0.35, (30, 82), 62, 1.0, 0.15, 3.0),
    Case("175", "I26.99", "Other pulmonary embolism", "MED", 1.2, (25, 92), 64, 0.20, 0.04, 0.6),
    Case(
        "064", "I63.511", "Cerebral infarction, right middle cerebral artery", "NEU", 2.4, (45, 97), 74, 0.35, 0.10, 2.6
    ),
    Case("065", "I63.9", "Cerebral infarction, unspecified", "NEU", 2.6, (40, 96), 72, 0.10, 0.02, 1.9),
    Case("066", "I63.9", "Cerebral infarction, unspecified", "NEU", 0.8, (38, 94), 69, 0.02, 0.0, 0.7),
    Case("101", "G40.909", "Epilepsy, unspecified, not intractable", "NEU", 1.3, (20, 88), 52, 0.05, 0.0, 0.5),
    Case("280", "I21.4", "Non-ST elevation myocardial infarction", "CAR", 2.2, (42, 95), 72, 0.25, 0.05, 0.9),
    Case("281", "I21.4", "Non-ST elevation myocardial infarction", "CAR", 1.4, (40, 93), 68, 0.10, 0.01, 0.4),
    Case("321", "I21.11", "ST elevation infarction of right coronary artery", "CAR", 1.2, (38, 90), 66, 0.8, 0.04, 0.5),
    Case("322", "I21.09", "ST elevation infarction of anterior wall", "CAR", 1.3, (38, 88), 63, 0.5, 0.01, 0.2),
    Case("308", "I48.91", "Unspecified atrial fibrillation", "CAR", 1.6, (45, 96), 75, 0.10, 0.02, 0.8),
    Case("309", "I48.0", "Paroxysmal atrial fibrillation", "CAR", 2.0, (40, 95), 72, 0.03, 0.0, 0.4),
    Case("377", "K92.1", "Melena", "MED", 2.2, (35, 95), 71, 0.25, 0.03, 0.9),
    Case("378", "K92.2", "Gastrointestinal hemorrhage, unspecified", "MED", 2.6, (30, 95), 69, 0.05, 0.01, 0.6),
    Case("392", "K52.9", "Noninfective gastroenteritis and colitis", "MED", 2.2, (18, 92), 58, 0.0, 0.0, 0.3),
    Case("439", "K85.90", "Acute pancreatitis without necrosis or infection", "MED", 1.7, (22, 88), 52, 0.03, 0.0, 0.2),
    Case("329", "K56.699", "Other intestinal obstruction", "SUR", 1.1, (35, 92), 70, 0.45, 0.06, 1.5),
    Case(
        "330", "K57.20", "Diverticulitis of large intestine with perforation", "SUR", 1.4, (35, 90), 63, 0.08, 0.01, 0.7
    ),
    Case("418", "K80.00", "Gallstones with acute cholecystitis", "SUR", 1.3, (22, 90), 58, 0.0, 0.0, 0.3),
    Case(
        "480",
        "S72.141A",
        "Displaced intertrochanteric fracture of right femur",
        "ORT",
        0.8,
        (60, 99),
        83,
        0.10,
        0.04,
        3.2,
    ),
    Case(
        "481",
        "S72.142A",
        "Displaced intertrochanteric fracture of left femur",
        "ORT",
        2.0,
        (58, 99),
        81,
        0.02,
        0.01,
        3.0,
    ),
    Case("522", "S72.001A", "Fracture of neck of right femur", "ORT", 1.3, (60, 98), 81, 0.02, 0.01, 2.8),
    Case("603", "L03.115", "Cellulitis of right lower limb", "MED", 2.6, (20, 94), 61, 0.0, 0.0, 0.5),
    Case("637", "E10.10", "Type 1 diabetes with ketoacidosis", "MED", 1.2, (18, 72), 41, 0.5, 0.0, 0.1),
    Case("638", "E11.65", "Type 2 diabetes with hyperglycemia", "MED", 1.5, (30, 88), 58, 0.03, 0.0, 0.3),
    Case("640", "E87.1", "Hyponatremia", "MED", 1.6, (40, 96), 74, 0.10, 0.02, 1.2),
    Case("641", "E86.0", "Dehydration", "MED", 2.0, (30, 97), 72, 0.0, 0.0, 0.9),
    Case("682", "N17.9", "Acute kidney failure, unspecified", "MED", 2.8, (35, 96), 72, 0.12, 0.04, 1.3),
    Case("683", "N17.9", "Acute kidney failure, unspecified", "MED", 2.2, (35, 95), 70, 0.0, 0.01, 0.8),
    Case("689", "N39.0", "Urinary tract infection", "MED", 1.6, (45, 98), 79, 0.04, 0.02, 1.7),
    Case("690", "N39.0", "Urinary tract infection", "MED", 2.4, (35, 98), 77, 0.0, 0.0, 1.3),
    Case("698", "T83.511A", "Infection due to indwelling urethral catheter", "MED", 0.9, (45, 95), 72, 0.08, 0.02, 1.5),
    Case("812", "D64.9", "Anemia, unspecified", "MED", 1.6, (30, 95), 70, 0.0, 0.0, 0.5),
    Case("840", "C83.30", "Diffuse large B-cell lymphoma", "ONC", 0.7, (35, 88), 66, 0.10, 0.08, 0.8),
    Case("885", "F33.2", "Major depressive disorder, recurrent, severe", "PSY", 2.2, (18, 74), 39, 0.0, 0.0, 0.1),
    Case("885", "F20.9", "Schizophrenia, unspecified", "PSY", 1.3, (18, 68), 38, 0.0, 0.0, 0.3),
    Case("897", "F10.239", "Alcohol dependence with withdrawal", "MED", 2.0, (22, 78), 50, 0.08, 0.0, 0.1),
    Case("917", "T50.901A", "Poisoning by unspecified drugs, accidental", "PUL", 0.9, (18, 78), 43, 0.8, 0.02, 0.2),
    Case(
        "918", "T39.1X1A", "Poisoning by paracetamol derivatives, accidental", "MED", 0.8, (18, 70), 37, 0.05, 0.0, 0.1
    ),
)

ELECTIVE_ADMISSIONS: tuple[Case, ...] = (
    Case("470", "M17.11", "Primary osteoarthritis of right knee", "ORT", 4.0, (50, 88), 68, 0.0, 0.0, 0.9),
    Case("470", "M16.12", "Primary osteoarthritis of left hip", "ORT", 2.5, (48, 88), 67, 0.0, 0.0, 0.9),
    Case("330", "C18.7", "Malignant neoplasm of sigmoid colon", "SUR", 2.2, (42, 88), 66, 0.05, 0.0, 0.5),
    Case("419", "K80.10", "Gallstones with chronic cholecystitis", "SUR", 1.6, (25, 82), 54, 0.0, 0.0, 0.1),
    Case("236", "I25.110", "Coronary atherosclerosis with unstable angina", "CAR", 1.5, (45, 84), 67, 1.0, 0.01, 0.8),
    Case("235", "I25.110", "Coronary atherosclerosis with unstable angina", "CAR", 0.8, (48, 85), 70, 1.0, 0.03, 1.4),
    Case("322", "I25.10", "Coronary atherosclerosis of native vessel", "CAR", 2.0, (45, 88), 68, 0.0, 0.0, 0.1),
    Case("840", "C83.30", "Diffuse large B-cell lymphoma", "ONC", 0.9, (35, 84), 63, 0.0, 0.01, 0.3),
)

OBSERVATION: tuple[Case, ...] = (
    Case("313", "R07.9", "Chest pain, unspecified", "CAR", 6.0, (30, 90), 60),
    Case("312", "R55", "Syncope and collapse", "MED", 3.5, (25, 95), 68),
    Case("069", "G45.9", "Transient cerebral ischemic attack", "NEU", 2.5, (45, 94), 71),
    Case("310", "I47.10", "Supraventricular tachycardia", "CAR", 2.0, (25, 90), 62),
    Case("641", "E86.0", "Dehydration", "MED", 2.0, (25, 95), 66),
    Case("392", "R10.9", "Unspecified abdominal pain", "MED", 2.5, (20, 88), 50),
    Case("948", "R53.1", "Weakness", "MED", 2.2, (50, 97), 77),
    Case("603", "L03.116", "Cellulitis of left lower limb", "MED", 1.6, (22, 90), 57),
    Case("190", "J44.1", "Chronic obstructive pulmonary disease with exacerbation", "PUL", 1.6, (48, 90), 68),
)

# Treated and sent home from the emergency department: no group applies to them.
EMERGENCY_ONLY: tuple[Case, ...] = (
    Case("", "S93.401A", "Sprain of right ankle", "EMR", 4.0, (18, 80), 38),
    Case("", "R51.9", "Headache, unspecified", "EMR", 4.0, (18, 85), 42),
    Case("", "J06.9", "Acute upper respiratory infection", "EMR", 5.0, (18, 85), 40),
    Case("", "M54.50", "Low back pain, unspecified", "EMR", 5.0, (20, 85), 47),
    Case("", "R10.9", "Unspecified abdominal pain", "EMR", 6.0, (18, 88), 44),
    Case("", "R07.9", "Chest pain, unspecified", "EMR", 5.0, (22, 90), 52),
    Case("", "S61.411A", "Laceration of right hand", "EMR", 3.0, (18, 80), 38),
    Case("", "N39.0", "Urinary tract infection", "EMR", 3.0, (18, 95), 55),
)

LONG_TERM: tuple[Case, ...] = (
    Case(
        "207", "J96.21", "Acute and chronic respiratory failure with hypoxia", "PUL", 5.0, (35, 88), 67, 1.0, 0.14, 1.0
    ),
    Case("189", "J96.11", "Chronic respiratory failure with hypoxia", "PUL", 5.0, (40, 92), 70, 0.5, 0.09, 1.0),
    Case(
        "208",
        "J96.22",
        "Acute and chronic respiratory failure with hypercapnia",
        "PUL",
        2.0,
        (40, 90),
        68,
        1.0,
        0.10,
        1.0,
    ),
    Case("004", "Z93.0", "Tracheostomy status", "PUL", 0.7, (35, 80), 63, 1.0, 0.10, 1.2),
    Case("871", "A41.9", "Sepsis, unspecified organism", "MED", 4.5, (45, 94), 72, 0.0, 0.09, 1.2),
    Case("177", "J69.0", "Pneumonitis due to inhalation of food and vomit", "PUL", 2.0, (50, 95), 75, 0.1, 0.09, 1.4),
    Case("592", "L89.154", "Pressure ulcer of sacral region, stage 4", "MED", 3.0, (45, 92), 70, 0.0, 0.04, 1.5),
    Case("573", "L97.419", "Chronic ulcer of right heel", "MED", 0.8, (45, 88), 66, 0.0, 0.02, 1.2),
    Case("539", "M86.171", "Acute osteomyelitis, right ankle and foot", "MED", 2.5, (40, 86), 63, 0.0, 0.02, 0.8),
    Case(
        "862",
        "T81.42XA",
        "Infection following a procedure, deep incisional site",
        "MED",
        2.5,
        (35, 88),
        64,
        0.0,
        0.03,
        0.8,
    ),
    Case("559", "T84.51XA", "Infection of internal right hip prosthesis", "MED", 1.5, (50, 90), 71, 0.0, 0.02, 1.3),
    Case("682", "N17.9", "Acute kidney failure, unspecified", "MED", 1.8, (45, 92), 70, 0.0, 0.07, 1.2),
    Case("291", "I50.23", "Acute on chronic systolic heart failure", "MED", 1.5, (50, 94), 75, 0.0, 0.08, 1.1),
    Case(
        "949",
        "Z48.812",
        "Aftercare following surgery on the circulatory system",
        "MED",
        1.5,
        (45, 88),
        68,
        0.0,
        0.02,
        1.0,
    ),
)

COMORBIDITIES: tuple[Diagnosis, ...] = (
    ("I10", "Essential hypertension"),
    ("E11.9", "Type 2 diabetes without complications"),
    ("E78.5", "Hyperlipidemia, unspecified"),
    ("N18.30", "Chronic kidney disease, stage 3"),
    ("I25.10", "Coronary atherosclerosis of native vessel"),
    ("J44.9", "Chronic obstructive pulmonary disease"),
    ("I48.20", "Chronic atrial fibrillation"),
    ("F03.90", "Unspecified dementia"),
    ("E66.9", "Obesity, unspecified"),
    ("D63.1", "Anemia in chronic kidney disease"),
    ("Z59.00", "Homelessness, unspecified"),
    ("F17.210", "Nicotine dependence, cigarettes"),
    ("Z79.4", "Long term use of insulin"),
    ("G47.33", "Obstructive sleep apnea"),
    ("Z66", "Do not resuscitate"),
)
